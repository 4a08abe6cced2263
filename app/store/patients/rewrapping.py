"""Bringing patients from older master keys under the current one, a few at a time, while the service is at work.

A patient's own key stays the same, and so does everything that is sealed with it: only the wrapping is made anew, and
the blind index by which the reference is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from app.errors import Damaged, KeysMissing
from app.models import consultations, patients
from app.store.judged import KEY_COLUMNS, key_in
from app.store.patients.handing_over import hand_over
from app.store.protection import PatientKey
from app.store.protection.patient_key import REFERENCE
from app.store.unit import Unit

_HERE = patients.c.clinic_id == bindparam("clinic")
_SOME_OLD = (
    select(*KEY_COLUMNS, patients.c.reference)
    .where(_HERE, patients.c.master_key != bindparam("current"), patients.c.patient_id > bindparam("after"))
    .order_by(patients.c.patient_id)
    .limit(bindparam("most"))
    .with_for_update()
)
_SAME = (
    select(*KEY_COLUMNS)
    .where(_HERE, patients.c.blind_index == bindparam("index"), patients.c.patient_id != bindparam("this"))
    .with_for_update()
)
_THEIRS = (
    select(consultations.c.id)
    .where(consultations.c.clinic_id == bindparam("clinic"), consultations.c.patient_id == bindparam("this"))
    .order_by(consultations.c.id)
    .with_for_update()
)
_REWRAP = update(patients).where(_HERE, patients.c.patient_id == bindparam("this"))


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What became of the patients of one batch, by our own ids. `last` is where the next one begins after."""

    last: str
    rewrapped: int = 0
    merged: tuple[str, ...] = ()
    """Had a row under the current key already, which has their consultations now."""
    unopened: tuple[str, ...] = ()
    """Their keys do not open: the master key is missing, or the row was changed."""


def rewrap_some(unit: Unit, after: str, most: int) -> Rewrapped | None:
    """Bring the next `most` patients after an id, "" to begin, under the current master key; None when none is left."""
    asked = {"clinic": unit.clinic, "current": unit.keyring.current.key_id, "after": after, "most": most}
    rows = unit.connection.execute(_SOME_OLD, asked).all()
    if not rows:
        return None
    merged: list[str] = []
    unopened: list[str] = []
    for row in rows:
        try:
            key = key_in(unit, row)
            reference = None if row.reference is None else key.open(row.reference, REFERENCE).decode()
        except (KeysMissing, Damaged):
            unopened.append(row.patient_id)
            continue
        if reference is not None and (same := _same_patient(unit, key, reference)) is not None:
            _merge(unit, key, same)
            merged.append(row.patient_id)
        else:
            _rewrap(unit, key, reference)
    return Rewrapped(rows[-1].patient_id, len(rows) - len(merged) - len(unopened), tuple(merged), tuple(unopened))


def _same_patient(unit: Unit, key: PatientKey, reference: str) -> PatientKey | None:
    """The row of the same reference under the current key, which a service made that had not found this one."""
    index = unit.keyring.current.blind_index(unit.clinic, reference)
    asked = {"clinic": unit.clinic, "index": index, "this": key.patient_id}
    found: Row[*tuple[Any, ...]] | None = unit.connection.execute(_SAME, asked).first()
    return None if found is None else key_in(unit, found)


def _merge(unit: Unit, old: PatientKey, new: PatientKey) -> None:
    """Hand all consultations over, the last of which takes the old row with it; one without any goes by itself."""
    this = {"clinic": unit.clinic, "this": old.patient_id}
    for consultation_id in unit.connection.execute(_THEIRS, this).scalars().all():
        hand_over(unit, consultation_id, old, new)
    unit.connection.execute(patients.delete().where(_HERE, patients.c.patient_id == bindparam("this")), this)


def _rewrap(unit: Unit, key: PatientKey, reference: str | None) -> None:
    current = unit.keyring.current
    columns = {
        "master_key": current.key_id,
        "wrapped_key": unit.keyring.wrap(key),
        "blind_index": None if reference is None else current.blind_index(unit.clinic, reference),
    }
    unit.connection.execute(_REWRAP, {"clinic": unit.clinic, "this": key.patient_id, **columns})
