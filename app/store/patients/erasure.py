"""Erasing patients: everything that is stored of them, and last the key without which every copy is noise.

Rows are locked from the patient downwards. A consultation that is being added or revised at the same time is stored
before and goes as well, or comes after and finds that there is no such patient or consultation any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select

from app.errors import Damaged, KeysMissing, NotFound
from app.models import consultations, kept_notes, note_categories, notes, patients, receipts, reviews, revisions
from app.store.judged import JUDGED_REVISIONS, key_in
from app.store.patients.kept import KeptNote, kept_row
from app.store.patients.key_use import check_patients_keys, check_ring
from app.store.protection.patient_key import note_of
from app.store.unit import Unit

Keep = Callable[[bytes], bytes]
"""Makes of a note's JSON one that says nothing of whose it was."""

_AT_A_TIME = 100

_THEIR_ROWS = patients.c.patient_id.in_(bindparam("patients", expanding=True))
_FIND = select(patients.c.patient_id).where(
    patients.c.clinic_id == bindparam("clinic"), patients.c.blind_index.in_(bindparam("indices", expanding=True))
)
_HOLD_PATIENTS = (
    select(patients.c.patient_id)
    .where(patients.c.clinic_id == bindparam("clinic"), _THEIR_ROWS)
    .order_by(patients.c.patient_id)
    .with_for_update()
)
_THEIRS = select(consultations.c.id).where(
    consultations.c.clinic_id == bindparam("clinic"),
    consultations.c.patient_id.in_(bindparam("patients", expanding=True)),
)
_HOLD_CONSULTATIONS = _THEIRS.order_by(consultations.c.id).with_for_update()
_THEIR_NOTES = JUDGED_REVISIONS.where(consultations.c.patient_id.in_(bindparam("patients", expanding=True)))
_KEEP = insert(kept_notes)


def _of_theirs(table: Table) -> Any:
    return delete(table).where(table.c.clinic_id == bindparam("clinic"), table.c.consultation_id.in_(_THEIRS))


# Each before what it points at.
_DROP = {table.name: _of_theirs(table) for table in (receipts, reviews, note_categories, notes, revisions)}
_DROP_CONSULTATIONS = delete(consultations).where(
    consultations.c.clinic_id == bindparam("clinic"),
    consultations.c.patient_id.in_(bindparam("patients", expanding=True)),
)
_DROP_PATIENTS = delete(patients).where(patients.c.clinic_id == bindparam("clinic"), _THEIR_ROWS)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the patients by our own ids, and how many rows of each kind."""

    patients: tuple[str, ...]
    consultations: int = 0
    revisions: int = 0
    reviews: int = 0
    receipts: int = 0
    kept_notes: int = 0
    """Notes that stay without identity."""


def erase_reference(unit: Unit, reference: str, keep: Keep | None = None) -> Erased:
    """Erase whoever has this reference. With `keep`, what it makes of their notes stays.

    NotFound when there is nobody. KeysMissing, and nothing is erased, when it cannot be told whether these are all of
    their rows, because a master key is missing.
    """
    check_ring(unit)
    indices = unit.keyring.blind_indices(unit.clinic, reference)
    found = list(unit.connection.execute(_FIND, {"clinic": unit.clinic, "indices": indices}).scalars())
    erased = erase_patients(unit, found, keep) if found else None
    if erased is None or not erased.patients:
        check_patients_keys(unit)
        raise NotFound("there is no patient with this reference")
    return erased


def erase_patients(unit: Unit, patient_ids: Collection[str], keep: Keep | None = None) -> Erased:
    """Erase the patients with these ids, as far as they are there."""
    held = hold_patients(unit, patient_ids)
    if not held:
        return Erased(())
    theirs = {"clinic": unit.clinic, "patients": held}
    kept = 0 if keep is None else _keep_notes(unit, held, keep)
    dropped = {name: unit.connection.execute(statement, theirs).rowcount for name, statement in _DROP.items()}
    stored = unit.connection.execute(_DROP_CONSULTATIONS, theirs).rowcount
    unit.connection.execute(_DROP_PATIENTS, theirs)
    return Erased(
        patients=tuple(held),
        consultations=stored,
        revisions=dropped["revisions"],
        reviews=dropped["reviews"],
        receipts=dropped["receipts"],
        kept_notes=kept,
    )


def hold_patients(unit: Unit, patient_ids: Collection[str]) -> list[str]:
    """Those of the patients who are there, by id. Until the transaction ends nobody else adds to what is theirs."""
    asked = {"clinic": unit.clinic, "patients": list(patient_ids)}
    held = list(unit.connection.execute(_HOLD_PATIENTS, asked).scalars())
    if held:
        unit.connection.execute(_HOLD_CONSULTATIONS, asked | {"patients": held})
    return held


def _keep_notes(unit: Unit, patient_ids: list[str], keep: Keep) -> int:
    rows = list(_kept_rows(unit, patient_ids, keep))
    for start in range(0, len(rows), _AT_A_TIME):
        unit.connection.execute(_KEEP, rows[start : start + _AT_A_TIME])
    return len(rows)


def _kept_rows(unit: Unit, patient_ids: list[str], keep: Keep) -> Iterator[dict[str, Any]]:
    for row in unit.connection.execute(_THEIR_NOTES, {"clinic": unit.clinic, "patients": patient_ids}):
        try:
            note = key_in(unit, row).open(row.note, note_of(row.consultation_id, row.revision))
        except (KeysMissing, Damaged):
            continue  # the patient's right to be erased does not wait for what nobody can read
        made_on: date = row.made_on
        yield kept_row(unit, KeptNote(made_on.replace(day=1), row.rulebook_digest, keep(note)))
