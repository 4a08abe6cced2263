"""How urgent the conclusion of a rule is, so that two can be compared."""

from __future__ import annotations

from math import inf

from app.triage.note.plan import TIER_HOURS
from app.triage.rulebook import URGENCIES, Conclusions

Urgent = tuple[int, float]
"""The tier (-1: none), then how soon within it: hours below zero, so that more is more urgent."""


def urgent(concludes: Conclusions | None) -> Urgent:
    """How urgent a conclusion is; a rule that is not there has none."""
    if concludes is None or concludes.urgency is None:
        return (-1, -inf)
    within = concludes.within
    return (concludes.urgency, -within.hours if within else -TIER_HOURS.get(URGENCIES[concludes.urgency], inf))
