"""Measuring sides in turns, so that what else the machine does meets all of them alike."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    rounds: int = 6
    """How often every side takes its turn."""
    bodies: int = 200
    """Consultations in the pool."""
    passes: int = 5
    """How often a turn without HTTP goes through the pool."""
    requests: int = 1000
    """Requests, or writes, of one turn."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio should be."""

    side: Literal["at least", "at most"]
    limit: float

    def __str__(self) -> str:
        return f"{self.side} {self.limit:g}"

    def reached(self, ratio: float) -> bool:
        """Whether a ratio is on the right side of the limit."""
        return ratio >= self.limit if self.side == "at least" else ratio <= self.limit


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report: a ratio from each round, and absolute figures as a side note."""

    work: str
    goal: Goal | None
    ratios: tuple[float, ...]
    aside: str


def spare_collections() -> None:
    """Keep the garbage collector off what is already there, in the way and with the thresholds of the service."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def alternate(rounds: int, sides: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Each side's figures, round by round. Who begins changes with every round."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for _ in range(rounds):
        for name in names:
            spare_collections()
            found[name].append(sides[name]())
        names.reverse()
    return found


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """`over / under`, round by round: what slowed both sides of one round cancels out."""
    return tuple(a / b for a, b in zip(over, under, strict=True))


def micro(seconds: Sequence[float]) -> str:
    """A median of seconds, in microseconds."""
    return f"{median(seconds) * 1e6:.0f} µs"


def rate(per_second: Sequence[float]) -> str:
    """A median of events a second."""
    return f"{median(per_second):.0f}/s"
