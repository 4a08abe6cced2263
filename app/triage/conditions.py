"""What a rule's `when` can say.

A condition over sets of possible values is true, false or undecided (strong Kleene logic).

These few shapes are all there is, so that a condition can also be said in SQL, in CEL and to a solver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.triage.facts import Fact

Operator = Literal[">=", ">", "<=", "<"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A number compared with a limit in the fact's base unit."""

    fact: Fact
    operator: Operator
    limit: float


@dataclass(frozen=True, slots=True)
class Among:
    """A yes/no or one-of-a-list fact whose value is one of `mask`."""

    fact: Fact
    mask: int


@dataclass(frozen=True, slots=True)
class Has:
    """A some-of-a-list fact that holds at least one of `mask`."""

    fact: Fact
    mask: int


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts are true."""

    count: int
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Some one row of a table (a level, a deficit, ...) satisfies the part as a whole."""

    table: str
    part: Condition


Atom = Bound | Among | Has
Condition = Atom | All | AnyOf | Not | AtLeast | Same


def atoms(condition: Condition) -> Iterator[Atom]:
    """The atoms below a condition, in reading order, those inside `Same` included."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from atoms(part)
        case Not(part) | Same(_, part):
            yield from atoms(part)
        case Bound() | Among() | Has():
            yield condition


def sames(condition: Condition) -> Iterator[Same]:
    """The row conditions below a condition, in reading order."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from sames(part)
        case Not(part):
            yield from sames(part)
        case Same():
            yield condition
        case _:
            return
