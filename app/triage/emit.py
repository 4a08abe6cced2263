"""Conditions as Python source.

A condition gives two expressions: `t`, it is certainly true; `p`, it is not certainly false.

Undecided is `p and not t`. Whatever several rules share is computed once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from app.triage.conditions import All, Among, AnyOf, AtLeast, Atom, Bound, Condition, Has, Not, Same
from app.triage.facts import NO, YES, Fact

Pair = tuple[str, str]
SHARED = 2


class Emitter:
    """Writes expressions over frame `f` (the consultation) or `r` (a row), and row results `T_table`, `P_table`."""

    def __init__(self, roots: Sequence[Condition], same_bits: dict[Same, int]) -> None:
        self._same_bits = same_bits
        self._keys: dict[Condition, str] = {}
        self._uses: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._open_names: dict[str, str] = {}
        self._settled = 0
        self.lines: list[str] = []
        for root in roots:
            self._count(root)

    def _count(self, condition: Condition) -> None:
        key = self.key(condition)
        self._uses[key] += 1
        if self._uses[key] == 1:
            for part in _parts(condition):
                self._count(part)

    def key(self, condition: Condition) -> str:
        """A text that two conditions share exactly when they mean the same."""
        found = self._keys.get(condition)
        if found is None:
            match condition:
                case Bound(fact, operator, limit):
                    found = f"{_frame(fact)}{fact.slot}{operator}{limit!r}"
                case Among(fact, mask) | Has(fact, mask):
                    found = f"{_frame(fact)}{fact.slot}&{mask}"
                case _:
                    name = (
                        type(condition).__name__
                        + str(getattr(condition, "count", ""))
                        + str(getattr(condition, "table", ""))
                    )
                    found = f"{name}({';'.join(self.key(part) for part in _parts(condition))})"
            self._keys[condition] = found
        return found

    def pair(self, condition: Condition) -> Pair:
        """(t, p) of a condition; a shared one is written to `lines` once and named."""
        key = self.key(condition)
        if key in self._names:
            name = self._names[key]
            return f"{name}t", f"{name}p"
        certain, possible = self._plain(condition)
        if self._uses[key] < SHARED or isinstance(condition, Same):
            return certain, possible
        name = self._names[key] = f"x{len(self._names)}"
        self.lines.append(f"{name}p={possible}")
        self.lines.append(
            f"{name}t={certain}" if isinstance(condition, Bound | Among | Has) else f"{name}t={name}p and {certain}"
        )
        return f"{name}t", f"{name}p"

    def _plain(self, condition: Condition) -> Pair:
        match condition:
            case Bound() | Among() | Has():
                return atom_pair(condition)
            case All(parts):
                return self._joined(parts, " and ", "True")
            case AnyOf(parts):
                return self._joined(parts, " or ", "False")
            case Not(part):
                certain, possible = self.pair(part)
                return f"(not {possible})", f"(not {certain})"
            case AtLeast(count, parts):
                pairs = [self.pair(part) for part in parts]
                return tuple(
                    f"(({'+'.join(f'(1 if {side} else 0)' for side in sides)})>={count})"
                    for sides in zip(*pairs, strict=True)
                )  # type: ignore[return-value]  # two sides
            case Same(table, _):
                bit = 1 << self._same_bits[condition]
                return f"T_{table}&{bit}", f"P_{table}&{bit}"

    def _joined(self, parts: Iterable[Condition], word: str, empty: str) -> Pair:
        pairs = [self.pair(part) for part in parts]
        if not pairs:
            return empty, empty
        return "(" + word.join(c for c, _ in pairs) + ")", "(" + word.join(p for _, p in pairs) + ")"

    def still_open(self, condition: Condition, bits: dict[Fact | Same, int]) -> str:
        """An int expression: the bits of the facts on which this condition, known to be undecided, still depends."""
        key = self.key(condition)
        if isinstance(condition, Bound | Among | Has | Same | Not) or self._uses[key] < SHARED:
            return self._open(condition, bits)
        certain, possible = self.pair(condition)
        name = self._open_names.get(key)
        if name is None:
            inner = self._open(condition, bits)
            name = self._open_names[key] = f"{self._names[key]}o"
            self.lines.append(f"{name}={inner} if {possible} and not {certain} else 0")
        return name

    def _open(self, condition: Condition, bits: dict[Fact | Same, int]) -> str:
        match condition:
            case Bound(fact) | Among(fact) | Has(fact):
                return str(1 << bits[fact])
            case Same():
                return str(1 << bits[condition])
            case Not(part):
                return self.still_open(part, bits)
            case All(parts):  # undecided, so no part is false
                return (
                    "("
                    + "|".join(f"(0 if {self.pair(part)[0]} else {self.still_open(part, bits)})" for part in parts)
                    + ")"
                )
            case AnyOf(parts):  # undecided, so no part is true
                return (
                    "("
                    + "|".join(f"({self.still_open(part, bits)} if {self.pair(part)[1]} else 0)" for part in parts)
                    + ")"
                )
            case AtLeast(_, parts):
                pairs = [(part, *self.pair(part)) for part in parts]
                return (
                    "("
                    + "|".join(f"({self.still_open(part, bits)} if {p} and not {t} else 0)" for part, t, p in pairs)
                    + ")"
                )

    def because(
        self, condition: Condition, numbers: dict[Atom | Same, int], indent: str, *, positive: bool = True
    ) -> list[str]:
        """Statements that `add(number)` what speaks for this condition or, negated, for its being false."""
        match condition:
            case Bound() | Among() | Has() | Same():
                certain, possible = self.pair(condition)
                held = certain if positive else f"not ({possible})"
                if isinstance(condition, Same) and positive:
                    held = possible
                return [f"{indent}if {held}: add({numbers[condition]})"]
            case Not(part):
                return self.because(part, numbers, indent, positive=not positive)
            case All(parts) if positive:
                return [line for part in parts for line in self.because(part, numbers, indent)]
            case AnyOf(parts) if not positive:
                return [line for part in parts for line in self.because(part, numbers, indent, positive=False)]
            case All(parts) | AnyOf(parts) | AtLeast(_, parts):
                whole_certain, whole_possible = self.pair(condition)
                settled, self._settled = f"s{self._settled}", self._settled + 1
                # An atom says nothing unless it is certain; the rest, also where nothing else settles the whole.
                lines = []
                if not all(isinstance(part, Bound | Among | Has) for part in parts):
                    lines = [f"{indent}{settled}={whole_certain if positive else f'not ({whole_possible})'}"]
                for part in parts:
                    if isinstance(part, Bound | Among | Has):
                        lines += self.because(part, numbers, indent, positive=positive)
                        continue
                    certain, possible = self.pair(part)
                    gate = (
                        f"({certain}) or (({possible}) and not {settled})"
                        if positive
                        else f"(not ({possible})) or (not ({certain}) and not {settled})"
                    )
                    inner = self.because(part, numbers, indent + " ", positive=positive)
                    lines += [f"{indent}if {gate}:", *inner] if inner else []
                return lines


def atom_pair(atom: Atom) -> Pair:
    """(t, p) of an atom, straight from its slots."""
    fact, slot = atom.fact, f"{_frame(atom.fact)}[{atom.fact.slot}]"
    if isinstance(atom, Bound):
        upper = f"{_frame(fact)}[{fact.slot + 1}]"
        first, last = (slot, upper) if atom.operator in {">=", ">"} else (upper, slot)
        return f"{first}{atom.operator}{atom.limit!r}", f"{last}{atom.operator}{atom.limit!r}"
    if isinstance(atom, Has):
        return f"{slot}&{atom.mask}", f"{_frame(fact)}[{fact.slot + 1}]&{atom.mask}"
    if fact.kind == "yes_no" and atom.mask in {NO, YES}:
        return f"{slot}=={atom.mask}", f"{slot}!={NO + YES - atom.mask}"
    return f"(not {slot}&{fact.everything & ~atom.mask})", f"{slot}&{atom.mask}"


def _frame(fact: Fact) -> str:
    return "f" if fact.table is None else "r"


def _parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            return parts
        case Not(part) | Same(_, part):
            return (part,)
        case _:
            return ()
