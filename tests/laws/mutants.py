"""Conditions with one slip in them, as an edit of a rule may leave: a limit moved, a part dropped, a value swapped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.triage.conditions import All, Among, AnyOf, AtLeast, Bound, Condition, Has, Not, Same

Slip = Callable[[Condition], Iterator[Condition]]


def limits_moved(condition: Condition) -> Iterator[Condition]:
    """A limit one further out, so that more is within it."""
    if isinstance(condition, Bound):
        yield replace(condition, limit=condition.limit + (-1 if condition.operator in {">=", ">"} else 1))


def conditions_dropped(condition: Condition) -> Iterator[Condition]:
    """One of several conditions that all had to hold."""
    if isinstance(condition, All) and len(condition.parts) > 1:
        yield from (All(_without(condition.parts, at)) for at in range(len(condition.parts)))


def alternatives_dropped(condition: Condition) -> Iterator[Condition]:
    """One of several conditions of which any was enough; or of those that were counted."""
    if isinstance(condition, AnyOf) and len(condition.parts) > 1:
        yield from (AnyOf(_without(condition.parts, at)) for at in range(len(condition.parts)))
    if isinstance(condition, AtLeast) and len(condition.parts) > condition.count:
        yield from (AtLeast(condition.count, _without(condition.parts, at)) for at in range(len(condition.parts)))


def values_swapped(condition: Condition) -> Iterator[Condition]:
    """The opposite of what was to hold."""
    if isinstance(condition, Among | Has):
        yield replace(condition, mask=condition.fact.everything & ~condition.mask)


SLIPS: tuple[Slip, ...] = (limits_moved, conditions_dropped, alternatives_dropped, values_swapped)


def mutants(condition: Condition, slip: Slip) -> Iterator[Condition]:
    """The condition with the slip in each place where it can be made, one at a time."""
    yield from slip(condition)
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for at, part in enumerate(parts):
                for changed in mutants(part, slip):
                    yield replace(condition, parts=(*parts[:at], changed, *parts[at + 1 :]))
        case Not(part) | Same(_, part):
            for changed in mutants(part, slip):
                yield replace(condition, part=changed)
        case _:
            return


def _without(parts: tuple[Condition, ...], at: int) -> tuple[Condition, ...]:
    return (*parts[:at], *parts[at + 1 :])
