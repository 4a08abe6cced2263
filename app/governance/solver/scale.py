"""Numbers as the solver holds them: which of a few edges on the fact's scale the lowest and the highest value reach.

Conditions compare a number with constants and with nothing else, so two values between the same constants are alike to
every rule. An edge is a constant with the side that it belongs to: `(30, False)` is reached by 30 and all above,
`(30, True)` only by what is above 30. Whole numbers and the steps of a grade have edges on themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from app.governance.solver.logic import Truth, conj, disj, implies, neg, same
from app.triage.facts import Fact, registry
from app.triage.vocabulary.quantities import MUSCLE_GRADES
from app.triage.wire import entries, written

Edge = tuple[float, bool]
Slots = tuple[Any, ...]
_SHORT = 30
"""Whole numbers with at most so wide a range have an edge each: differences and counts are made of them."""


@cache
def is_whole(fact: Fact) -> bool:
    """Whether only whole numbers can be known of a fact."""
    entry = entries().get(fact.full_name)
    if entry is not None:
        form = written(entry.field)
        return bool(form["sent_as"] == "integer") or form["quantity"] == "MyelopathyScore"
    if fact.name == "meyerding":
        return True
    # The other derived numbers are differences and ratios; a difference of whole numbers is one.
    known = registry()[fact.table]
    return bool(fact.inputs) and all(is_whole(known[name]) for name in fact.inputs)


@cache
def steps(fact: Fact) -> tuple[float, ...]:
    """The only values of a number that is sent as a word or grade (MRC), or of a short whole one; empty for others."""
    entry = entries().get(fact.full_name)
    if entry is not None and written(entry.field)["sent_as"] == "integer or text":
        whole = range(int(fact.low), int(fact.high) + 1)
        return tuple(sorted({*(float(number) for number in whole), *MUSCLE_GRADES.values()}))
    if is_whole(fact) and fact.high - fact.low <= _SHORT:
        return tuple(float(number) for number in range(int(fact.low), int(fact.high) + 1))
    return ()


def edge_of(fact: Fact, operator: str, limit: float) -> Edge:
    """The edge at which a comparison changes: `>=` and `<` at the limit itself, `>` and `<=` above it."""
    above = operator in {">", "<="}
    if steps(fact):
        return next((step for step in steps(fact) if step > limit or (step == limit and not above)), math.inf), False
    if is_whole(fact):
        return float(math.floor(limit) + 1 if above else math.ceil(limit)), False
    # "Above the last number before 30" is "at least 30"; the vocabulary writes open ends so.
    beside = math.nextafter(limit, math.inf if above else -math.inf)
    return (beside, not above) if len(repr(beside)) < len(repr(limit)) else (float(limit), above)


def edges_between(fact: Fact, edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges that some values of a fact reach and others do not, in order; with those of its steps."""
    own = {(step, False) for step in steps(fact)}
    return tuple(sorted(edge for edge in {*edges, *own} if not reaches(fact.low, edge) and reaches(fact.high, edge)))


def reaches(value: float, edge: Edge) -> bool:
    """Whether a number is at or beyond an edge."""
    return value > edge[0] if edge[1] else value >= edge[0]


@dataclass(frozen=True, slots=True)
class Span:
    """A number: the edges that its lowest and its highest possible value reach."""

    fact: Fact
    edges: tuple[Edge, ...]
    low: tuple[Truth, ...]
    high: tuple[Truth, ...]

    def pair(self, operator: str, limit: float) -> tuple[Truth, Truth]:
        """(certainly, possibly) beyond the limit."""
        edge = edge_of(self.fact, operator, limit)
        low, high = self.low_reaches(edge), self.high_reaches(edge)
        return (low, high) if operator in {">=", ">"} else (neg(high), neg(low))

    def low_reaches(self, edge: Edge) -> Truth:
        """The lowest possible value reaches an edge."""
        return self._reached(self.low, edge)

    def high_reaches(self, edge: Edge) -> Truth:
        """The highest possible value reaches an edge."""
        return self._reached(self.high, edge)

    def _reached(self, flags: tuple[Truth, ...], edge: Edge) -> Truth:
        if reaches(self.fact.low, edge) or not reaches(self.fact.high, edge):
            return reaches(self.fact.low, edge)
        return flags[self.edges.index(edge)]

    def sound(self) -> Truth:
        """What reaches an edge reaches those below, and the highest value reaches what the lowest does."""
        order = [implies(high, low) for ends in (self.low, self.high) for low, high in pairwise(ends)]
        return conj([*order, *(implies(low, high) for low, high in zip(self.low, self.high, strict=True))])

    def single(self) -> Truth:
        """One value was stated; a length of time may be stated as a range."""
        if self.fact.unit == "days":
            return True
        return conj(same(low, high) for low, high in zip(self.low, self.high, strict=True))

    def equals(self, slots: Slots) -> Truth:
        """It is this interval, as far as conditions can tell."""
        ends = ((self.low, slots[0]), (self.high, slots[1]))
        return conj(
            flag if reaches(value, edge) else neg(flag)
            for flags, value in ends
            for edge, flag in zip(self.edges, flags, strict=True)
        )

    def inside(self, slots: Slots) -> Truth:
        """It is inside this interval, as far as conditions can tell."""
        over = [low for edge, low in zip(self.edges, self.low, strict=True) if reaches(slots[0], edge)]
        under = [neg(high) for edge, high in zip(self.edges, self.high, strict=True) if not reaches(slots[1], edge)]
        return conj([*over, *under])

    def within(self, other: Span) -> Truth:
        """It is inside another."""
        over = conj(implies(theirs, mine) for mine, theirs in zip(self.low, other.low, strict=True))
        return conj((over, *(implies(mine, theirs) for mine, theirs in zip(self.high, other.high, strict=True))))

    def exceeds(self, other: Span) -> Truth:
        """Every value of it is above every value of the other, and conditions can tell."""
        return disj(conj((mine, neg(theirs))) for mine, theirs in zip(self.low, other.high, strict=True))

    def number(self, reached: int) -> float:
        """A plain number that reaches so many edges and no more."""
        least, above = self.edges[reached - 1] if reached else (self.fact.low, False)
        last = self.edges[reached] if reached < len(self.edges) else (math.inf, False)
        if not above:
            found = least
        else:
            found = math.floor(least) + 1
            if found > self.fact.high or reaches(found, last):
                found = (least + min(last[0], self.fact.high)) / 2
        return int(found) if float(found).is_integer() else found
