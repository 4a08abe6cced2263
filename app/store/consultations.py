"""Consultations, their immutable revisions and the note of each.

Statements are built once: SQLAlchemy then finds them compiled, and only the parameters change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from app.errors import NotFound, StaleRevision
from app.models import consultations, note_categories, notes, revisions
from app.store.judged import JUDGED_REVISIONS
from app.store.records import Judged, StoredRevision
from app.triage.rulebook import URGENCIES

# Callers may ask for any number; one that no column can hold would be an error of the driver's, not an answer.
_NUMBERS = range(1, 2**31 - 1)

_ADD_CONSULTATION = insert(consultations)
_ADD_REVISION = insert(revisions)
_ADD_NOTE = insert(notes)
_ADD_CATEGORIES = insert(note_categories)

_THIS_CONSULTATION = and_(consultations.c.clinic_id == bindparam("clinic"), consultations.c.id == bindparam("this"))
_NEWEST_NUMBER = select(consultations.c.revision).where(_THIS_CONSULTATION)

# Comparing and moving on in one statement is what lets exactly one of several revisers win.
_MOVE_ON = update(consultations).where(_THIS_CONSULTATION, consultations.c.revision == bindparam("expected"))

_REVISIONS = JUDGED_REVISIONS.where(revisions.c.consultation_id == bindparam("this"))
_ALL_REVISIONS = _REVISIONS.order_by(revisions.c.revision)
_ONE_REVISION = _REVISIONS.where(revisions.c.revision == bindparam("number"))
_NEWEST_REVISION = _REVISIONS.order_by(revisions.c.revision.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Consultations:
    """The consultations of one clinic. Each method takes the connection, and with it the transaction, first."""

    clinic_id: str

    def add(self, connection: Connection, consultation_id: str, judged: Judged, at: datetime) -> int:
        """Store a new consultation with its first revision and note; answers that revision's number, 1.

        The rulebook's snapshot must have been kept before.
        """
        row = {"clinic_id": self.clinic_id, "id": consultation_id, "revision": 1, "created_at": at}
        connection.execute(_ADD_CONSULTATION, row | _reading(judged, at))
        self._add_revision(connection, consultation_id, 1, judged, at)
        return 1

    def add_revision(
        self, connection: Connection, consultation_id: str, expected_revision: int, judged: Judged, at: datetime
    ) -> int:
        """Store the revision that follows `expected_revision`, with its note; answers its number.

        StaleRevision when another one is the newest, NotFound when there is no such consultation. Nothing is
        written then.
        """
        number = expected_revision + 1
        row = {"clinic": self.clinic_id, "this": consultation_id, "expected": expected_revision, "revision": number}
        moved = expected_revision in _NUMBERS and connection.execute(_MOVE_ON, row | _reading(judged, at)).rowcount
        if not moved:
            current = self.newest_number(connection, consultation_id)
            raise StaleRevision(f"revision {expected_revision} is not the newest, which is {current}", current)
        self._add_revision(connection, consultation_id, number, judged, at)
        return number

    def newest_number(self, connection: Connection, consultation_id: str) -> int:
        """The number of the newest revision. NotFound when there is no such consultation."""
        found = connection.execute(_NEWEST_NUMBER, {"clinic": self.clinic_id, "this": consultation_id}).scalar()
        if found is None:
            raise _no_consultation(consultation_id)
        number: int = found
        return number

    def newest(self, connection: Connection, consultation_id: str) -> StoredRevision:
        """The newest revision. NotFound when there is no such consultation."""
        found = connection.execute(_NEWEST_REVISION, {"clinic": self.clinic_id, "this": consultation_id}).first()
        if found is None:
            raise _no_consultation(consultation_id)
        return _stored(found)

    def revision(self, connection: Connection, consultation_id: str, number: int) -> StoredRevision:
        """One revision, counted from 1. NotFound when there is no such consultation or revision."""
        row = {"clinic": self.clinic_id, "this": consultation_id, "number": number}
        found = connection.execute(_ONE_REVISION, row).first() if number in _NUMBERS else None
        if found is None:
            newest = self.newest_number(connection, consultation_id)
            raise NotFound(f"consultation {consultation_id} has revisions 1 to {newest}")
        return _stored(found)

    def revisions(self, connection: Connection, consultation_id: str) -> list[StoredRevision]:
        """All revisions, oldest first. NotFound when there is no such consultation."""
        found = connection.execute(_ALL_REVISIONS, {"clinic": self.clinic_id, "this": consultation_id}).all()
        if not found:
            raise _no_consultation(consultation_id)
        return [_stored(row) for row in found]

    def _add_revision(
        self, connection: Connection, consultation_id: str, number: int, judged: Judged, at: datetime
    ) -> None:
        key = {"clinic_id": self.clinic_id, "consultation_id": consultation_id, "revision": number}
        connection.execute(_ADD_REVISION, key | {"created_at": at, "body": judged.body})
        note = {"rulebook_digest": judged.rulebook_digest, "made_on": judged.made_on, "note": judged.note}
        connection.execute(_ADD_NOTE, key | note)
        if judged.categories:
            rows = [key | {"category": category, "status": status} for category, status in judged.categories.items()]
            connection.execute(_ADD_CATEGORIES, rows)


def _reading(judged: Judged, at: datetime) -> dict[str, Any]:
    """What the newest note says, as columns of `consultations`; an urgency is kept as its place in URGENCIES."""
    return {
        "revised_at": at,
        "made_on": judged.made_on,
        "urgency_at_least": URGENCIES.index(judged.urgency_at_least),
        "urgency_at_most": URGENCIES.index(judged.urgency_at_most),
        "settled": judged.settled,
        "headline": judged.headline,
        "patient_reference": judged.patient_reference,
    }


def _stored(row: Row[*tuple[Any, ...]]) -> StoredRevision:
    return StoredRevision(
        consultation_id=row.consultation_id,
        revision=row.revision,
        created_at=row.created_at,
        body=row.body,
        note=row.note,
        made_on=row.made_on,
        rulebook_digest=row.rulebook_digest,
    )


def _no_consultation(consultation_id: str) -> NotFound:
    return NotFound(f"there is no consultation {consultation_id}")
