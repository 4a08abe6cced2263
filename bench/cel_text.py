"""Conditions as CEL text, for the peer: the same truth, said to another engine.

CEL knows true, false and errors, not sets, so each condition becomes two expressions, as in `app.triage.emit`: `t`, it
is certainly true, and `p`, it is not certainly false. A number reaches CEL as its two bounds and is compared there.
CEL has no bit masks: whether a fact's possible values lie in the values an atom names reaches it as a ready flag, which
spares the peer a little work. So do the rows that nobody listed, which we keep from one consultation to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.triage.conditions import All, Among, AnyOf, AtLeast, Atom, Bound, Condition, Has, Not, Same
from app.triage.program import Program

Pair = tuple[str, str]


class CelWriter:
    """Writes the conditions of one compiled program."""

    def __init__(self, program: Program) -> None:
        self._numbers = {same: number for number, same in enumerate(program.sames)}

    def rule(self, condition: Condition) -> str:
        """A CEL expression: 2 for true, 1 for undecided, 0 for false."""
        certain, possible = self.pair(condition)
        return f"({possible}) ? (({certain}) ? 2 : 1) : 0"

    def rules(self, conditions: Sequence[Condition]) -> str:
        """All of them as one list, so that the peer is called once for the whole rulebook."""
        return f"[{', '.join(self.rule(condition) for condition in conditions)}]"

    def pair(self, condition: Condition) -> Pair:
        """(t, p) of a condition."""
        match condition:
            case Bound() | Among() | Has():
                return _atom(condition)
            case All(parts):
                return self._joined(parts, " && ")
            case AnyOf(parts):
                return self._joined(parts, " || ")
            case Not(part):
                certain, possible = self.pair(part)
                return f"!({possible})", f"!({certain})"
            case AtLeast(count, parts):
                pairs = [self.pair(part) for part in parts]
                return _counted(count, [c for c, _ in pairs]), _counted(count, [p for _, p in pairs])
            case Same(table, part):
                certain, possible = self.pair(part)
                unlisted = shadow_name(self._numbers[condition])
                return f"{table}.exists(r, {certain})", f"({unlisted} || {table}.exists(r, {possible}))"

    def _joined(self, parts: Sequence[Condition], word: str) -> Pair:
        pairs = [self.pair(part) for part in parts]
        return f"({word.join(c for c, _ in pairs)})", f"({word.join(p for _, p in pairs)})"


def flag_names(atom: Among | Has) -> Pair:
    """The variables (or, in a row, keys) that say whether the atom is certain, and whether it is possible."""
    return f"f{atom.fact.slot}_{atom.mask}t", f"f{atom.fact.slot}_{atom.mask}p"


def bound_names(slot: int) -> Pair:
    """The variables (or keys) of the lowest and highest possible value of a number."""
    return f"f{slot}", f"f{slot + 1}"


def shadow_name(same: int) -> str:
    """The variable that says whether a row nobody listed may satisfy a row condition, by its number."""
    return f"s{same}"


def _atom(atom: Atom) -> Pair:
    row = "" if atom.fact.table is None else "r."
    if isinstance(atom, Bound):
        low, high = (f"{row}{name} {atom.operator} {float(atom.limit)!r}" for name in bound_names(atom.fact.slot))
        return (low, high) if atom.operator in {">=", ">"} else (high, low)
    certain, possible = flag_names(atom)
    return row + certain, row + possible


def _counted(count: int, sides: Sequence[str]) -> str:
    return f"(({' + '.join(f'(({side}) ? 1 : 0)' for side in sides)}) >= {count})"
