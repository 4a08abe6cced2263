"""A consultation that comes in with others, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from app.store.records import Event, Judged
from app.store.reviews import StoredReview


@dataclass(frozen=True, slots=True)
class ArrivingRevision:
    """A revision with its note. `at` is when it was stored; None for one that is new."""

    judged: Judged
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A whole consultation: its revisions from 1 on, its reviews, and what the audit is told of it."""

    consultation_id: str
    revisions: tuple[ArrivingRevision, ...]
    event: Event
    reviews: tuple[StoredReview, ...] = ()


class Outcome(Enum):
    """What became of an arrival. Nothing is stored of the last three."""

    ADDED = auto()
    EXTENDED = auto()
    """It was there, with fewer revisions or reviews."""
    THERE = auto()
    """All of it was there."""
    DIFFERENT = auto()
    """Under its id stands one whose revisions were made at other moments."""
    WITHOUT_RULEBOOK = auto()
    """A rulebook that a note was made with is not kept."""
