"""What goes into the store and what comes out: plain values, no rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, auto
from typing import Any, Final

EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Before everything."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A consultation's body with the note it was given, ready to be stored."""

    body: bytes
    note: bytes
    made_on: date
    rulebook_digest: str
    urgency_at_least: str
    urgency_at_most: str
    settled: bool
    headline: str
    categories: Mapping[str, str]
    """Category to its status."""
    patient_reference: str | None

    @classmethod
    def from_note(cls, body: bytes, note: Mapping[str, Any], encoded: bytes, patient_reference: str | None) -> Judged:
        """Take from the note what lists are filtered by. `encoded` is that same note as canonical JSON."""
        urgency = note["urgency"]
        return cls(
            body=body,
            note=encoded,
            made_on=date.fromisoformat(note["made_on"]),
            rulebook_digest=note["rulebook"]["digest"],
            urgency_at_least=urgency["at_least"],
            urgency_at_most=urgency["at_most"],
            settled=urgency["settled"],
            headline=note["headline"],
            categories={each["category"]: each["status"] for each in note["categories"]},
            patient_reference=patient_reference,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done or refused, for the audit. None of it is a patient's data."""

    action: str
    outcome: str
    """`done`, or the code of the error that it ended in."""
    actor_kind: str
    actor: str
    target: str | None = None
    """Which record, as a path of ids: `consultations/<id>/notes/2`."""
    address: str | None = None
    request_id: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was answered to a request with an Idempotency-Key: where it is stored, or the answer itself."""

    key_hash: str
    request_hash: str
    """Both are SHA-256; what is stored of them is keyed besides."""
    consultation_id: str | None = None
    revision: int | None = None
    review_id: str | None = None
    answer: bytes | None = None
    since: datetime = EVER
    """Of a request: receipts made before count no more."""


class Repeated(Exception):
    """There is a receipt for this key already: the request was answered before."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt
        super().__init__("the request was answered before")


@dataclass(frozen=True, slots=True)
class NewConsultation:
    """All that is stored of a new consultation at once."""

    consultation_id: str
    judged: Judged
    now: Callable[[], datetime]
    """The clock, read when it is stored."""
    event: Event
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """When a consultation was stored, and whose it is."""

    at: datetime
    patient_id: str


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of this process: how many there are, how many are in use, how many callers wait for one.

    `queued`: writes that wait for the one writer of SQLite.
    """

    size: int
    in_use: int = 0
    waiting: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One revision of a consultation, with its note. Bodies and notes are canonical JSON, as they were sealed."""

    consultation_id: str
    revision: int
    created_at: datetime
    body: bytes
    note: bytes
    made_on: date
    rulebook_digest: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A consultation in a list, with what its newest note says."""

    consultation_id: str
    revision: int
    created_at: datetime
    revised_at: datetime
    made_on: date
    urgency_at_least: str
    urgency_at_most: str
    settled: bool
    headline: str
    patient_id: str
    patient_reference: str | None


@dataclass(frozen=True, slots=True)
class Replayable:
    """All it takes to make a note again and compare it."""

    consultation_id: str
    revision: int
    body: bytes
    note: bytes
    previous_note: bytes | None
    """None for a first revision, and where it does not open."""
    made_on: date
    rulebook_digest: str
    previous_opens: bool = True
    """Without the note before it, this one cannot be made again."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest revision of a consultation, and the day that its note is of."""

    consultation_id: str
    revision: int
    body: bytes
    made_on: date


class Scrubbed(Enum):
    """What came of taking destroyed keys out of the database's files."""

    DONE = auto()
    IN_THE_WAY = auto()
    """Somebody reads what is to be written anew: try again later."""
    TOO_SLOW = auto()
    """The table is too large for this role's limit of time; the tables' owner has none."""
    NOT_ALLOWED = auto()
    """This role may not; the tables' owner may."""


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic."""

    clinic: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key as it is stored: everything but its secret. `scopes` are separated by spaces."""

    key_id: str
    name: str
    secret_hash: bytes
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    replaced_by: str | None
