"""What goes into the store and what comes out: plain values, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


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
class StoredRevision:
    """One revision of a consultation, with its note. Bodies and notes are canonical JSON, as they were stored."""

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
    patient_reference: str | None


@dataclass(frozen=True, slots=True)
class Replayable:
    """All it takes to make a note again and compare it."""

    consultation_id: str
    revision: int
    body: bytes
    note: bytes
    previous_note: bytes | None
    made_on: date
    rulebook_digest: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest revision of a consultation, and the day that its note is of."""

    consultation_id: str
    revision: int
    body: bytes
    made_on: date
