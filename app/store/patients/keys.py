"""Patients: found by their reference without it being readable, and each with a key of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, bindparam, insert, select

from app.models import patients
from app.store.protection import PatientKey
from app.store.protection.keyring import Keyring, make_patient_key
from app.store.protection.patient_key import REFERENCE
from app.store.unit import Unit

_FIND = select(patients.c.patient_id, patients.c.master_key, patients.c.wrapped_key).where(
    patients.c.clinic_id == bindparam("clinic"), patients.c.blind_index.in_(bindparam("indices", expanding=True))
)
_THIS = and_(patients.c.clinic_id == bindparam("clinic"), patients.c.patient_id == bindparam("patient"))
_KEY = select(patients.c.patient_id, patients.c.master_key, patients.c.wrapped_key).where(_THIS)
_IS_THERE = select(patients.c.patient_id).where(_THIS)
_ADD = insert(patients)


def find_patients(unit: Unit, reference: str) -> list[PatientKey]:
    """The keys of whoever has this reference: nobody, one, or two while a master key is being rotated."""
    row = {"clinic": unit.clinic, "indices": unit.keyring.blind_indices(unit.clinic, reference)}
    return [
        unit.keyring.unwrap(unit.clinic, found.patient_id, found.master_key, found.wrapped_key)
        for found in unit.connection.execute(_FIND, row)
    ]


def key_of(unit: Unit, patient_id: str) -> PatientKey:
    """The key of a patient who is there."""
    found = unit.connection.execute(_KEY, {"clinic": unit.clinic, "patient": patient_id}).one()
    return unit.keyring.unwrap(unit.clinic, found.patient_id, found.master_key, found.wrapped_key)


def is_there(unit: Unit, patient_id: str) -> bool:
    """Whether the patient was not erased."""
    return unit.connection.execute(_IS_THERE, {"clinic": unit.clinic, "patient": patient_id}).first() is not None


def patient_for(unit: Unit, reference: str | None, at: datetime) -> PatientKey:
    """The key of the patient with this reference, who is added if need be; without a reference, of a new one."""
    if reference is not None and (found := find_patients(unit, reference)):
        return found[0]
    key = make_patient_key(unit.clinic, str(uuid4()))
    unit.connection.execute(_ADD, patient_row(unit.keyring, key, reference, at))
    return key


def patient_row(keyring: Keyring, key: PatientKey, reference: str | None, at: datetime) -> dict[str, Any]:
    """The row of a new patient."""
    return {
        "clinic_id": key.clinic,
        "patient_id": key.patient_id,
        "created_at": at,
        "master_key": keyring.current.key_id,
        "wrapped_key": keyring.wrap(key),
        "blind_index": None if reference is None else keyring.current.blind_index(key.clinic, reference),
        "reference": None if reference is None else key.seal(reference.encode(), REFERENCE),
    }
