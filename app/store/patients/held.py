"""Everything that is held of one patient, opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from app.errors import NotFound
from app.models import audit_events, consultations, patients, receipts
from app.store.consultations import all_revisions
from app.store.patients.key_use import check_patients_keys, check_ring
from app.store.records import StoredRevision
from app.store.reviews import StoredReview, all_reviews
from app.store.unit import Unit

_PATIENTS = (
    select(patients.c.patient_id, patients.c.created_at)
    .where(
        patients.c.clinic_id == bindparam("clinic"),
        patients.c.blind_index.in_(bindparam("indices", expanding=True)),
    )
    .order_by(patients.c.created_at, patients.c.patient_id)
    # Held, so that an erasure comes wholly before this or wholly after.
    .with_for_update(read=True, key_share=True)
)
_CONSULTATIONS = (
    select(consultations.c.id, consultations.c.created_at)
    .where(
        consultations.c.clinic_id == bindparam("clinic"),
        consultations.c.patient_id.in_(bindparam("patients", expanding=True)),
    )
    .order_by(consultations.c.created_at, consultations.c.id)
    .with_for_update(read=True, key_share=True)
)
_RECEIPTS = (
    select(receipts.c.made_at, receipts.c.revision, receipts.c.review_id)
    .where(receipts.c.clinic_id == bindparam("clinic"), receipts.c.consultation_id == bindparam("this"))
    .order_by(receipts.c.made_at, receipts.c.key_hash)
)
_EVENTS = (
    select(audit_events)
    .where(
        audit_events.c.clinic_id == bindparam("clinic"),
        audit_events.c.target.in_(bindparam("targets", expanding=True)),
    )
    .order_by(audit_events.c.at, audit_events.c.event_id)
)


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """That a request with an Idempotency-Key was answered, and with what; the key itself was never stored."""

    made_at: datetime
    revision: int | None
    review_id: str | None


@dataclass(frozen=True, slots=True)
class HeldConsultation:
    """A consultation with all that belongs to it."""

    consultation_id: str
    created_at: datetime
    revisions: tuple[StoredRevision, ...]
    reviews: tuple[StoredReview, ...]
    receipts: tuple[HeldReceipt, ...]


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An audit event about a patient or one of their consultations. `detail` is JSON."""

    event_id: str
    at: datetime
    actor_kind: str
    actor: str
    action: str
    target: str | None
    outcome: str
    address: str | None
    request_id: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class HeldPatient:
    """All that is held of a patient. `patient_ids` are two only while master keys are being rotated."""

    reference: str
    patient_ids: tuple[str, ...]
    created_at: datetime
    consultations: tuple[HeldConsultation, ...]
    events: tuple[HeldEvent, ...]


def held_of(unit: Unit, reference: str) -> HeldPatient:
    """All that is held of the patient with this reference, oldest first.

    NotFound when there is nobody; KeysMissing when it cannot be told whether this is all, because a master key is
    missing.
    """
    check_ring(unit)
    indices = unit.keyring.blind_indices(unit.clinic, reference)
    found = unit.connection.execute(_PATIENTS, {"clinic": unit.clinic, "indices": indices}).all()
    if not found:
        check_patients_keys(unit)
        raise NotFound("there is no patient with this reference")
    ids = tuple(row.patient_id for row in found)
    theirs = unit.connection.execute(_CONSULTATIONS, {"clinic": unit.clinic, "patients": list(ids)}).all()
    held = tuple(_held(unit, row) for row in theirs)
    events = [event for each in held for event in _events(unit, _targets(each))]
    events += _events(unit, [f"patients/{each}" for each in ids])
    events.sort(key=lambda event: (event.at, event.event_id))
    return HeldPatient(reference, ids, found[0].created_at, held, tuple(events))


def _held(unit: Unit, row: Row[*tuple[Any, ...]]) -> HeldConsultation:
    receipt_rows = unit.connection.execute(_RECEIPTS, {"clinic": unit.clinic, "this": row.id})
    return HeldConsultation(
        consultation_id=row.id,
        created_at=row.created_at,
        revisions=tuple(all_revisions(unit, row.id)),
        reviews=tuple(all_reviews(unit, row.id)),
        receipts=tuple(HeldReceipt(each.made_at, each.revision, each.review_id) for each in receipt_rows),
    )


def _targets(held: HeldConsultation) -> list[str]:
    """How the audit names a consultation and its parts. All of them: a pattern would read the whole audit."""
    here = f"consultations/{held.consultation_id}"
    notes = [f"{here}/notes/{each.revision}" for each in held.revisions]
    return [here, *notes, f"{here}/reviews", *(f"{here}/reviews/{each.review_id}" for each in held.reviews)]


def _events(unit: Unit, targets: list[str]) -> list[HeldEvent]:
    rows = unit.connection.execute(_EVENTS, {"clinic": unit.clinic, "targets": targets})
    return [HeldEvent(**{name: getattr(row, name) for name in HeldEvent.__slots__}) for row in rows]
