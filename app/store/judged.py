"""Revisions beside their notes and the key that opens them: the one join that reading and replaying share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, bindparam, select

from app.models import consultations, notes, patients, revisions
from app.store.protection import PatientKey
from app.store.unit import Unit

OF_CONSULTATION = and_(
    consultations.c.clinic_id == revisions.c.clinic_id, consultations.c.id == revisions.c.consultation_id
)
OF_PATIENT = and_(
    patients.c.clinic_id == consultations.c.clinic_id, patients.c.patient_id == consultations.c.patient_id
)
KEY_COLUMNS = (patients.c.patient_id, patients.c.master_key, patients.c.wrapped_key)

JUDGED_REVISIONS = (
    select(
        revisions.c.consultation_id,
        revisions.c.revision,
        revisions.c.created_at,
        revisions.c.body,
        notes.c.note,
        notes.c.made_on,
        notes.c.rulebook_digest,
        *KEY_COLUMNS,
    )
    .join(
        notes,
        and_(
            notes.c.clinic_id == revisions.c.clinic_id,
            notes.c.consultation_id == revisions.c.consultation_id,
            notes.c.revision == revisions.c.revision,
        ),
    )
    .join(consultations, OF_CONSULTATION)
    .join(patients, OF_PATIENT)
    .where(revisions.c.clinic_id == bindparam("clinic"))
)
"""The columns of every revision of one `clinic` with those of its note and its patient's key, in no order."""


def key_in(unit: Unit, row: Row[*tuple[Any, ...]]) -> PatientKey:
    """The patient's key of a row that has KEY_COLUMNS."""
    return unit.keyring.unwrap(unit.clinic, row.patient_id, row.master_key, row.wrapped_key)
