"""Lists of consultations, newest first, in pages that neither skip nor repeat while more are added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, select, tuple_

from app.models import consultations, note_categories, patients
from app.store.cursor import Position
from app.store.judged import KEY_COLUMNS, OF_PATIENT, key_in
from app.store.patients.keys import find_patients
from app.store.protection.patient_key import REFERENCE
from app.store.records import Listed
from app.store.unit import Unit
from app.triage.rulebook import URGENCIES

_LISTED = select(
    consultations.c.id,
    consultations.c.revision,
    consultations.c.created_at,
    consultations.c.revised_at,
    consultations.c.made_on,
    consultations.c.urgency_at_least,
    consultations.c.urgency_at_most,
    consultations.c.settled,
    consultations.c.headline,
    patients.c.reference,
    *KEY_COLUMNS,
).join(patients, OF_PATIENT)

_NEWEST_CATEGORIES = and_(
    note_categories.c.clinic_id == consultations.c.clinic_id,
    note_categories.c.consultation_id == consultations.c.id,
    note_categories.c.revision == consultations.c.revision,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which consultations to list, by what their newest revision and its note say. None asks for nothing.

    `category` and `status` together ask for that category in that status; `urgency_at_least` for notes whose
    lower bound is that urgency or a higher one. Moments are when the consultation was first stored: from
    `created_from` on, and before `created_before`.
    """

    patient_reference: str | None = None
    patient_id: str | None = None
    urgency_at_least: str | None = None
    settled: bool | None = None
    category: str | None = None
    status: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some consultations, newest first, and the cursor of those that follow; None on the last page.

    `patient_id` is that of the patient who was asked for by reference, if there is one.
    """

    consultations: tuple[Listed, ...]
    next_cursor: str | None
    patient_id: str | None = None


def search(unit: Unit, wanted: Filter, cursor: str | None, limit: int) -> Page:
    """The page of at most `limit` consultations that begins after `cursor`, or the first one.

    InvalidCursor when the cursor was not given out by this service. What is added meanwhile is newer than the
    cursor, and so belongs to pages already passed.
    """
    query = _narrowed(_LISTED.where(consultations.c.clinic_id == unit.clinic), wanted)
    patient_id = wanted.patient_id
    if wanted.patient_reference is not None:
        found_patients = [key.patient_id for key in find_patients(unit, wanted.patient_reference)]
        if not found_patients:
            return Page((), None)
        patient_id = found_patients[0]
        query = query.where(consultations.c.patient_id.in_(found_patients))
    if cursor is not None:
        after = Position.decode(cursor)
        place = tuple_(consultations.c.created_at, consultations.c.id)
        query = query.where(place < tuple_(after.moment, after.row_id))
    query = query.order_by(consultations.c.created_at.desc(), consultations.c.id.desc()).limit(limit + 1)
    found = unit.connection.execute(query).all()
    listed = tuple(_listed(unit, row) for row in found[:limit])
    if len(found) <= limit or not listed:
        return Page(listed, None, patient_id)
    return Page(listed, Position(listed[-1].created_at, listed[-1].consultation_id).encode(), patient_id)


def _narrowed(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.patient_id is not None:
        query = query.where(consultations.c.patient_id == wanted.patient_id)
    if wanted.urgency_at_least is not None:
        query = query.where(consultations.c.urgency_at_least >= URGENCIES.index(wanted.urgency_at_least))
    if wanted.settled is not None:
        query = query.where(consultations.c.settled.is_(wanted.settled))
    if wanted.created_from is not None:
        query = query.where(consultations.c.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(consultations.c.created_at < wanted.created_before)
    if wanted.category is not None or wanted.status is not None:
        mentioned = _NEWEST_CATEGORIES
        if wanted.category is not None:
            mentioned = and_(mentioned, note_categories.c.category == wanted.category)
        if wanted.status is not None:
            mentioned = and_(mentioned, note_categories.c.status == wanted.status)
        query = query.where(exists().where(mentioned))
    return query


def _listed(unit: Unit, row: Row[Any]) -> Listed:
    reference = None if row.reference is None else key_in(unit, row).open(row.reference, REFERENCE).decode()
    return Listed(
        consultation_id=row.id,
        revision=row.revision,
        created_at=row.created_at,
        revised_at=row.revised_at,
        made_on=row.made_on,
        urgency_at_least=URGENCIES[row.urgency_at_least],
        urgency_at_most=URGENCIES[row.urgency_at_most],
        settled=row.settled,
        headline=row.headline,
        patient_id=row.patient_id,
        patient_reference=reference,
    )
