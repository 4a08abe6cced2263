"""All rows of a new consultation, and writing them one statement after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.models import audit_events, consultations, note_categories, notes, revisions
from app.store.audit import event_row
from app.store.patients.keys import is_there, patient_for
from app.store.patients.known import KnownPatients
from app.store.protection import PatientKey
from app.store.protection.patient_key import body_of, note_of
from app.store.receipts import add_receipt, find_receipt
from app.store.records import Added, Judged, NewConsultation, Repeated
from app.store.unit import Unit
from app.triage.rulebook import URGENCIES

Row = dict[str, Any]

_ADD_CONSULTATION = insert(consultations)
_ADD_REVISION = insert(revisions)
_ADD_NOTE = insert(notes)
_ADD_CATEGORIES = insert(note_categories)
_ADD_EVENT = insert(audit_events)


@dataclass(frozen=True, slots=True)
class RevisionRows:
    """The rows of one revision and its note, sealed."""

    revision: Row
    note: Row
    categories: list[Row]


def add_whole(unit: Unit, new: NewConsultation, known: KnownPatients) -> Added:
    """Store a new consultation. Repeated when there is a receipt for the request already; IdempotencyKeyReused."""
    at, reference = new.now(), new.judged.patient_reference
    key = known.find(unit.clinic, reference)
    if key is None or not _is_begun(unit, key, new, at):
        key = patient_for(unit, reference, at)
        unit.connection.execute(_ADD_CONSULTATION, consultation_row(key, new, at))
    add_revision_rows(unit, revision_rows(key, new.consultation_id, 1, new.judged, at))
    if new.receipt is not None and not add_receipt(unit, new.receipt, at):
        # What was inserted so far goes with the exception.
        found = find_receipt(unit, new.receipt)
        raise Repeated(found or new.receipt)
    unit.connection.execute(_ADD_EVENT, event_row(unit.keyring, unit.clinic, new.event, at))
    known.remember(unit.clinic, reference, key)
    return Added(at, key.patient_id)


def _is_begun(unit: Unit, key: PatientKey, new: NewConsultation, at: datetime) -> bool:
    """Insert the consultation of a patient seen lately; false, and nothing inserted, when they were erased since."""
    try:
        unit.connection.execute(_ADD_CONSULTATION, consultation_row(key, new, at))
    except IntegrityError:
        if is_there(unit, key.patient_id):
            raise
        return False
    return True


def add_revision_rows(unit: Unit, rows: RevisionRows) -> None:
    """Store a revision with its note; the consultation's own row is the caller's affair."""
    unit.connection.execute(_ADD_REVISION, rows.revision)
    unit.connection.execute(_ADD_NOTE, rows.note)
    if rows.categories:
        unit.connection.execute(_ADD_CATEGORIES, rows.categories)


def consultation_row(key: PatientKey, new: NewConsultation, at: datetime) -> Row:
    """What is to be inserted for a new consultation of a patient, beside its revision."""
    return {
        "clinic_id": key.clinic,
        "id": new.consultation_id,
        "revision": 1,
        "created_at": at,
        "patient_id": key.patient_id,
        **reading_columns(new.judged, at),
    }


def revision_rows(key: PatientKey, consultation_id: str, number: int, judged: Judged, at: datetime) -> RevisionRows:
    """What is to be inserted for one revision."""
    place = {"clinic_id": key.clinic, "consultation_id": consultation_id, "revision": number}
    return RevisionRows(
        revision=place | {"created_at": at, "body": key.seal(judged.body, body_of(consultation_id, number))},
        note=place
        | {
            "rulebook_digest": judged.rulebook_digest,
            "made_on": judged.made_on,
            "note": key.seal(judged.note, note_of(consultation_id, number)),
        },
        categories=[place | {"category": category, "status": status} for category, status in judged.categories.items()],
    )


def reading_columns(judged: Judged, at: datetime) -> Row:
    """What the newest note says, as columns of `consultations`; an urgency is kept as its place in URGENCIES."""
    return {
        "revised_at": at,
        "made_on": judged.made_on,
        "urgency_at_least": URGENCIES.index(judged.urgency_at_least),
        "urgency_at_most": URGENCIES.index(judged.urgency_at_most),
        "settled": judged.settled,
        "headline": judged.headline,
    }
