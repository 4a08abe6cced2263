"""One comparison or membership as a pair of formulas, over variables or over a row that nobody listed."""

from __future__ import annotations

from dataclasses import dataclass

from app.governance.solver.logic import Truth, pick
from app.governance.solver.scale import Slots, Span, edge_of, reaches
from app.governance.solver.values import Choice, Choices
from app.triage.conditions import Among, Atom, Bound, Has
from app.triage.facts import Fact


@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a row that nobody listed: `closed` where its finding was ruled out, else `opened`."""

    fact: Fact
    when: Truth
    closed: Slots
    opened: Slots

    def holds(self, values: Choice | Choices | Span) -> Truth:
        """Whether a row of which this much is known may be such a row."""
        return pick(self.when, values.inside(self.closed), values.inside(self.opened))


Values = Choice | Choices | Span | Template


def atom_pair(atom: Atom, values: Values) -> tuple[Truth, Truth]:
    """(certainly true, possibly true), as `app.triage.emit.atom_pair` has it."""
    match atom, values:
        case _, Template(_, when, closed, opened):
            shut, free = _known_pair(atom, closed), _known_pair(atom, opened)
            return pick(when, shut[0], free[0]), pick(when, shut[1], free[1])
        case Bound(_, operator, limit), Span():
            return values.pair(operator, limit)
        case ((Among(_, mask) | Has(_, mask)), (Choice() | Choices())):
            return values.pair(mask)
    raise TypeError(f"a {type(atom).__name__} cannot ask about {atom.fact.name}")


def _known_pair(atom: Atom, slots: Slots) -> tuple[bool, bool]:
    if isinstance(atom, Bound):
        edge = edge_of(atom.fact, atom.operator, atom.limit)
        low, high = reaches(slots[0], edge), reaches(slots[1], edge)
        return (low, high) if atom.operator in {">=", ">"} else (not high, not low)
    if isinstance(atom, Has):
        return bool(slots[0] & atom.mask), bool(slots[1] & atom.mask)
    return not slots[0] & ~atom.mask, bool(slots[0] & atom.mask)
