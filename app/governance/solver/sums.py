"""Summed scores as `app.triage.program.compile_score` has them: an interval, from the options that are possible."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from app.governance.solver.logic import Truth, at_least, conj, disj, neg
from app.triage.rulebook import Score

_Weighed = tuple[Fraction, Truth]


@dataclass(frozen=True, slots=True)
class Sum:
    """The least and the most points: what every sum has, and what is added to each where something is so."""

    base: Fraction
    low: tuple[_Weighed, ...]
    high: tuple[_Weighed, ...]

    @staticmethod
    def of_unknown(score: Score) -> Sum:
        """The whole range of a score."""
        return Sum.of_possible(score, [[True] * len(part.options) for part in score.components])

    @staticmethod
    def of_possible(score: Score, possible: Sequence[Sequence[Truth]]) -> Sum:
        """A score of which these options of each component are possible; where none is, all of them count."""
        low: list[_Weighed] = []
        high: list[_Weighed] = []
        base = Fraction(0)
        for part, can in zip(score.components, possible, strict=True):
            options = [(Fraction(points), one) for (_, points), one in zip(part.options, can, strict=True)]
            values = sorted({points for points, _ in options})
            base += values[0]
            none = conj(neg(one) for _, one in options)
            for less, value in pairwise(values):
                none_below = conj(neg(one) for points, one in options if points < value)
                low.append((value - less, conj((none_below, neg(none)))))
                high.append((value - less, disj((none, *(one for points, one in options if points >= value)))))
        return Sum(base, tuple(low), tuple(high))

    def pair(self, operator: str, limit: float) -> tuple[Truth, Truth]:
        """(certainly, possibly) beyond the limit."""
        above = operator in {">", "<="}
        low, high = (_reaches(Fraction(limit) - self.base, ends, above=above) for ends in (self.low, self.high))
        return (low, high) if operator in {">=", ">"} else (neg(high), neg(low))


def _reaches(rest: Fraction, weighed: Sequence[_Weighed], *, above: bool) -> Truth:
    """The weights that hold add up to the rest, or to more than it."""
    scale = math.lcm(*(weight.denominator for weight, _ in weighed))
    count = math.floor(rest * scale) + 1 if above else math.ceil(rest * scale)
    return at_least(count, _scaled(weighed, scale))


def _scaled(weighed: Sequence[_Weighed], scale: int) -> Iterator[tuple[Truth, int]]:
    for weight, truth in weighed:
        yield truth, int(weight * scale)
