"""How the note of one consultation differs when two rulebooks judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from app.triage.note.categories import LIVE
from app.triage.rulebook import URGENCIES

Bounds = tuple[str, str]
"""(at least, at most)."""
NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class Effect:
    """Urgency bounds by both rulebooks, and each category whose status differs, with both statuses.

    `within` are the hours by both in which somebody acts (infinity where no time is given). A category that a note does
    not list has the status `not_listed`. `reworded`: something else in the note differs.
    """

    old: Bounds
    new: Bounds
    within: tuple[float, float]
    categories: tuple[tuple[str, str, str], ...]
    reworded: bool

    @property
    def lowered(self) -> bool:
        """Whether either bound of the urgency fell, or the time within it grew."""
        return any(now < was for was, now in self._ranks())

    @property
    def raised(self) -> bool:
        """Whether either bound rose, or the time within it shrank."""
        return any(now > was for was, now in self._ranks())

    @property
    def gained(self) -> tuple[str, ...]:
        """Categories that only the new rulebook puts up for discussion."""
        return tuple(name for name, was, now in self.categories if now in LIVE and was not in LIVE)

    @property
    def lost(self) -> tuple[str, ...]:
        """Categories that only the old rulebook puts up for discussion."""
        return tuple(name for name, was, now in self.categories if was in LIVE and now not in LIVE)

    @property
    def changed(self) -> bool:
        """Whether the urgency or a category's status differs."""
        return self.lowered or self.raised or bool(self.categories)

    def told_urgency(self) -> str:
        """The urgency by both, in words."""
        old, new = (
            f"at least {low}, at most {high}{'' if hours == inf else f', within {hours:g} hours'}"
            for (low, high), hours in zip((self.old, self.new), self.within, strict=True)
        )
        return f"urgency {old}" + (", by both" if old == new else f", becomes {new}")

    def told(self) -> str:
        """The same, and each category whose status differs."""
        changes = (f"{name}: {was} becomes {now}" for name, was, now in self.categories)
        return "; ".join([self.told_urgency(), *changes])

    def _ranks(self) -> list[tuple[tuple[int, float], tuple[int, float]]]:
        """(old, new) of the lower bound with its time, and of the upper bound."""
        tiers = [[URGENCIES.index(bound) for bound in bounds] for bounds in (self.old, self.new)]
        low, high = zip(*tiers, strict=True)
        return [((low[0], -self.within[0]), (low[1], -self.within[1])), ((high[0], 0.0), (high[1], 0.0))]


def compare_notes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Effect:
    """The effect of going from one rulebook's note to the other's, of the same consultation on the same day."""
    was, now = ({category["category"]: category["status"] for category in note["categories"]} for note in (old, new))
    statuses = [(name, was.get(name, NOT_LISTED), now.get(name, NOT_LISTED)) for name in dict.fromkeys([*was, *now])]
    other = {key for key in old if key != "rulebook"}
    return Effect(
        _bounds(old),
        _bounds(new),
        (_hours(old), _hours(new)),
        tuple(status for status in statuses if status[1] != status[2]),
        any(old[key] != new[key] for key in other),
    )


def _bounds(note: Mapping[str, Any]) -> Bounds:
    return note["urgency"]["at_least"], note["urgency"]["at_most"]


def _hours(note: Mapping[str, Any]) -> float:
    hours = note["urgency"]["act_within"]["hours"]
    return inf if hours is None else float(hours)
