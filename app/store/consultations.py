"""Consultations, their immutable revisions and the note of each, opened with the key of their patient.

Statements are built once: SQLAlchemy then finds them compiled, and only the parameters change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, update

from app.errors import NotFound, StaleRevision
from app.models import consultations, revisions
from app.store.judged import JUDGED_REVISIONS, key_in
from app.store.patients.keys import key_of
from app.store.protection.patient_key import body_of, note_of
from app.store.records import Judged, StoredRevision
from app.store.unit import Unit
from app.store.whole_write import add_revision_rows, reading_columns, revision_rows

# Callers may ask for any number; one that no column can hold would be an error of the driver's, not an answer.
_NUMBERS = range(1, 2**31 - 1)

_THIS_CONSULTATION = and_(consultations.c.clinic_id == bindparam("clinic"), consultations.c.id == bindparam("this"))
_NEWEST_NUMBER = select(consultations.c.revision, consultations.c.patient_id).where(_THIS_CONSULTATION)

# Comparing and moving on in one statement is what lets exactly one of several revisers win.
_MOVE_ON = update(consultations).where(_THIS_CONSULTATION, consultations.c.revision == bindparam("expected"))

_REVISIONS = JUDGED_REVISIONS.where(revisions.c.consultation_id == bindparam("this"))
_ALL_REVISIONS = _REVISIONS.order_by(revisions.c.revision)
_ONE_REVISION = _REVISIONS.where(revisions.c.revision == bindparam("number"))
_NEWEST_REVISION = _REVISIONS.order_by(revisions.c.revision.desc()).limit(1)


def add_revision(unit: Unit, consultation_id: str, expected_revision: int, judged: Judged, at: datetime) -> int:
    """Store the revision that follows `expected_revision`, with its note; answers its number.

    StaleRevision when another one is the newest, NotFound when there is no such consultation. Nothing is written then.
    The rulebook's snapshot must have been kept before. The patient stays the same: see `move_to_patient`.
    """
    number = expected_revision + 1
    row = {"clinic": unit.clinic, "this": consultation_id, "expected": expected_revision, "revision": number}
    moved = (
        expected_revision in _NUMBERS and unit.connection.execute(_MOVE_ON, row | reading_columns(judged, at)).rowcount
    )
    if not moved:
        current = newest_number(unit, consultation_id)
        raise StaleRevision(f"revision {expected_revision} is not the newest, which is {current}", current)
    key = key_of(unit, _place(unit, consultation_id).patient_id)
    add_revision_rows(unit, revision_rows(key, consultation_id, number, judged, at))
    return number


def newest_number(unit: Unit, consultation_id: str) -> int:
    """The number of the newest revision. NotFound when there is no such consultation."""
    number: int = _place(unit, consultation_id).revision
    return number


def newest_revision(unit: Unit, consultation_id: str) -> StoredRevision:
    """The newest revision. NotFound when there is no such consultation."""
    found = unit.connection.execute(_NEWEST_REVISION, {"clinic": unit.clinic, "this": consultation_id}).first()
    if found is None:
        raise no_consultation(consultation_id)
    return _stored(unit, found)


def one_revision(unit: Unit, consultation_id: str, number: int) -> StoredRevision:
    """One revision, counted from 1. NotFound when there is no such consultation or revision."""
    row = {"clinic": unit.clinic, "this": consultation_id, "number": number}
    found = unit.connection.execute(_ONE_REVISION, row).first() if number in _NUMBERS else None
    if found is None:
        newest = newest_number(unit, consultation_id)
        raise NotFound(f"consultation {consultation_id} has revisions 1 to {newest}")
    return _stored(unit, found)


def all_revisions(unit: Unit, consultation_id: str) -> list[StoredRevision]:
    """All revisions, oldest first. NotFound when there is no such consultation."""
    found = unit.connection.execute(_ALL_REVISIONS, {"clinic": unit.clinic, "this": consultation_id}).all()
    if not found:
        raise no_consultation(consultation_id)
    return [_stored(unit, row) for row in found]


def _place(unit: Unit, consultation_id: str) -> Row[*tuple[Any, ...]]:
    found = unit.connection.execute(_NEWEST_NUMBER, {"clinic": unit.clinic, "this": consultation_id}).first()
    if found is None:
        raise no_consultation(consultation_id)
    return found


def _stored(unit: Unit, row: Row[*tuple[Any, ...]]) -> StoredRevision:
    key = key_in(unit, row)
    return StoredRevision(
        consultation_id=row.consultation_id,
        revision=row.revision,
        created_at=row.created_at,
        body=key.open(row.body, body_of(row.consultation_id, row.revision)),
        note=key.open(row.note, note_of(row.consultation_id, row.revision)),
        made_on=row.made_on,
        rulebook_digest=row.rulebook_digest,
    )


def no_consultation(consultation_id: str) -> NotFound:
    """What is raised where there is no such consultation."""
    return NotFound(f"there is no consultation {consultation_id}")
