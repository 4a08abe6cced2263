"""The set of values that a fact may still have, as the solver holds it: in the shapes of `app.triage.facts`.

yes_no, one_of   for each value: is it possible?
some_of          for each value: is it certainly in, is it possibly in?
number           how far up its scale the lowest and the highest possible value are (`scale`)
Values that no condition tells apart share one variable (`partition`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import z3

from app.governance.solver.logic import Truth, conj, disj, implies, neg, same
from app.governance.solver.scale import Edge, Slots, Span
from app.triage.facts import Fact

_APART = 12
"""Facts with at most so many values keep each apart: it costs little and makes a witness exact."""


def partition(fact: Fact, masks: Iterable[int]) -> tuple[int, ...]:
    """The values of a choice in classes, as masks: two values share one if every mask holds both or neither."""
    bits = [1 << number for number in range(len(fact.values))]
    if len(bits) <= _APART:
        return tuple(bits)
    asked = sorted(set(masks))
    by_signature: dict[tuple[bool, ...], int] = {}
    for bit in bits:
        signature = tuple(bool(mask & bit) for mask in asked)
        by_signature[signature] = by_signature.get(signature, 0) | bit
    return tuple(by_signature.values())


@dataclass(frozen=True, slots=True)
class Choice:
    """A yes_no or one_of fact: which classes of values are possible."""

    fact: Fact
    classes: tuple[int, ...]
    possible: tuple[Truth, ...]

    def pair(self, mask: int) -> tuple[Truth, Truth]:
        """(certainly, possibly) one of the mask."""
        outside = [neg(can) for part, can in zip(self.classes, self.possible, strict=True) if not part & mask]
        inside = [can for part, can in zip(self.classes, self.possible, strict=True) if part & mask]
        return conj(outside), disj(inside)

    def sound(self) -> Truth:
        """Some value is possible."""
        return disj(self.possible)

    def single(self) -> Truth:
        """One value was stated."""
        return z3.PbEq([(can, 1) for can in self.possible], 1)

    def equals(self, slots: Slots) -> Truth:
        """It is this set."""
        pairs = zip(self.classes, self.possible, strict=True)
        return conj(can if part & slots[0] else neg(can) for part, can in pairs)

    def inside(self, slots: Slots) -> Truth:
        """Every value still possible is one of this set."""
        return conj(neg(can) for part, can in zip(self.classes, self.possible, strict=True) if not part & slots[0])

    def within(self, other: Choice) -> Truth:
        """Every value still possible is possible in the other too."""
        return conj(implies(mine, theirs) for mine, theirs in zip(self.possible, other.possible, strict=True))


@dataclass(frozen=True, slots=True)
class Choices:
    """A some_of fact: which classes of values are certainly in, and which possibly."""

    fact: Fact
    classes: tuple[int, ...]
    certain: tuple[Truth, ...]
    possible: tuple[Truth, ...]

    def pair(self, mask: int) -> tuple[Truth, Truth]:
        """(certainly, possibly) at least one of the mask is in."""
        inside = [number for number, part in enumerate(self.classes) if part & mask]
        return disj(self.certain[n] for n in inside), disj(self.possible[n] for n in inside)

    def sound(self) -> Truth:
        """What is certain is possible, and something is."""
        pairs = zip(self.certain, self.possible, strict=True)
        return conj([*(implies(sure, can) for sure, can in pairs), disj(self.possible)])

    def single(self) -> Truth:
        """One list was stated; a list's "none" stands alone."""
        pairs = zip(self.certain, self.possible, strict=True)
        parts = [same(sure, can) for sure, can in pairs]
        if self.fact.said_no() is not None:
            parts.append(implies(self.certain[0], conj(neg(sure) for sure in self.certain[1:])))
        return conj(parts)

    def equals(self, slots: Slots) -> Truth:
        """It is this pair of sets."""
        one = Choice(self.fact, self.classes, self.certain).equals(slots[:1])
        return conj((one, Choice(self.fact, self.classes, self.possible).equals(slots[1:])))

    def inside(self, slots: Slots) -> Truth:
        """What that pair of sets is certain of is certain, and nothing is possible that it leaves out."""
        sure = conj(one for part, one in zip(self.classes, self.certain, strict=True) if part & slots[0])
        return conj((sure, Choice(self.fact, self.classes, self.possible).inside(slots[1:])))

    def within(self, other: Choices) -> Truth:
        """What the other is certain of is certain, and nothing is possible that was not."""
        sure = conj(implies(theirs, mine) for mine, theirs in zip(self.certain, other.certain, strict=True))
        can = conj(implies(mine, theirs) for mine, theirs in zip(self.possible, other.possible, strict=True))
        return conj((sure, can))


def fresh(fact: Fact, classes: Sequence[int], edges: Sequence[Edge], name: str) -> Choice | Choices | Span:
    """Variables for what is known of a fact."""
    if fact.kind == "number":
        low = tuple(z3.Bool(f"{name} low{number}") for number in range(len(edges)))
        return Span(fact, tuple(edges), low, tuple(z3.Bool(f"{name} high{number}") for number in range(len(edges))))
    can = tuple(z3.Bool(f"{name}?{part}") for part in classes)
    if fact.kind == "some_of":
        return Choices(fact, tuple(classes), tuple(z3.Bool(f"{name}!{part}") for part in classes), can)
    return Choice(fact, tuple(classes), can)
