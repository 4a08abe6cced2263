"""What is found wrong with an audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.store.audit.seals import Anchor


class Flaw(StrEnum):
    """What kind of thing is wrong. The values are stable."""

    EVENT_CHANGED = "event-changed"
    EVENT_REMOVED = "event-removed"
    EVENT_INSERTED = "event-inserted"
    EVENTS_REORDERED = "events-reordered"
    LIST_CHANGED = "list-changed"
    """Which events a seal covers is no longer what it was."""
    SEAL_CHANGED = "seal-changed"
    SEAL_MISSING = "seal-missing"
    SEAL_UNPROVEN = "seal-unproven"
    """Its master key is not on the ring, and no later seal vouches for it."""
    SEALS_CUT_OFF = "seals-cut-off"
    EMPTIED = "emptied"
    """Nothing is left of an audit that must have told of what is stored."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a sentence without any of the event's values, and where it is."""

    flaw: Flaw
    says: str
    seal: int | None = None
    event_id: str | None = None


Report = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Vouched:
    """Seals `first` to `last`, which were made under a master key that is not on the ring.

    A later seal that was checked vouches for them, or an anchor does; and they for their events.
    """

    key_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A master key that nobody has any more, and what an operator held as it was then, since nobody can prove it.

    An event tells of it that is genuine itself. What is held is as it was at that moment; of the time before nothing is
    known.
    """

    key_id: str
    at: datetime
    events: int
    """That no seal had covered, and one does since."""
    anchors: tuple[Anchor, ...]
    """Of the last of each run of seals that nothing else vouches for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was looked at, and what came of it."""

    clinic: str
    seals: int
    sealed: int
    """Events that a seal covers."""
    unsealed: int
    """Genuine events that no seal covers yet: nothing but a seal would show that one of them was removed."""
    findings: int
    vouched: tuple[Vouched, ...]
    newest: Anchor | None
    """To be kept outside, for `anchors` of a later look; None without a seal."""
    given_up: tuple[GivenUp, ...] = ()
