"""What lies under a master key that nobody has any more: counted, and removed a little at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, delete, func, select

from app.models import consultations, kept_notes, patients, receipts, reviews, revisions
from app.store.patients.erasure import Erased, erase_patients
from app.store.unit import Unit

_HERE = and_(patients.c.clinic_id == bindparam("clinic"), patients.c.master_key == bindparam("key"))
_SOME_PATIENTS = select(patients.c.patient_id).where(_HERE).limit(bindparam("most")).with_for_update()
_EVERYBODY = select(func.count()).select_from(patients).where(patients.c.clinic_id == bindparam("clinic"))
_THEIR_CONSULTATIONS = (
    select(func.count())
    .select_from(consultations)
    .join(
        patients,
        and_(
            patients.c.clinic_id == consultations.c.clinic_id,
            patients.c.patient_id == consultations.c.patient_id,
        ),
    )
    .where(_HERE)
)


def _under(table: Table) -> ColumnElement[bool]:
    return and_(table.c.clinic_id == bindparam("clinic"), table.c.master_key == bindparam("key"))


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table).where(_under(table))


def _count_theirs(table: Table) -> Select[int]:
    of_it = and_(consultations.c.clinic_id == table.c.clinic_id, consultations.c.id == table.c.consultation_id)
    return _THEIR_CONSULTATIONS.join(table, of_it)


def _drop(table: Table, name: str) -> Any:
    some = select(table.c[name]).where(_under(table)).limit(bindparam("most"))
    return delete(table).where(table.c.clinic_id == bindparam("clinic"), table.c[name].in_(some))


_COUNTS = {
    "patients": _count(patients),
    "of_patients": _EVERYBODY,
    "consultations": _THEIR_CONSULTATIONS,
    "notes": _count_theirs(revisions),
    "reviews": _count_theirs(reviews),
    "kept_notes": _count(kept_notes),
    "receipts": _count(receipts),
}
_DROP_KEPT = _drop(kept_notes, "kept_id")
_DROP_RECEIPTS = _drop(receipts, "key_hash")


@dataclass(frozen=True, slots=True)
class Lost:
    """How much of a clinic only one master key would open."""

    patients: int
    of_patients: int
    """How many patients the clinic has in all."""
    consultations: int
    notes: int
    reviews: int
    kept_notes: int
    """Notes that stay without identity."""
    receipts: int
    """Of Idempotency-Keys, which without it are not recognised."""


def count_lost(unit: Unit, key_id: str) -> Lost:
    """What `erase_under`, `drop_kept_under` and `drop_receipts_under` would remove."""
    asked = {"clinic": unit.clinic, "key": key_id}
    return Lost(**{name: unit.connection.execute(count, asked).scalar_one() for name, count in _COUNTS.items()})


def erase_under(unit: Unit, key_id: str, most: int) -> Erased:
    """Erase at most so many patients whose keys are wrapped by the master key, as `erase_patients` does."""
    asked = {"clinic": unit.clinic, "key": key_id, "most": most}
    return erase_patients(unit, unit.connection.execute(_SOME_PATIENTS, asked).scalars().all())


def drop_kept_under(unit: Unit, key_id: str, most: int) -> int:
    """Remove at most so many notes that stay without identity; answers how many."""
    return unit.connection.execute(_DROP_KEPT, {"clinic": unit.clinic, "key": key_id, "most": most}).rowcount


def drop_receipts_under(unit: Unit, key_id: str, most: int) -> int:
    """Forget at most so many Idempotency-Keys; answers how many."""
    return unit.connection.execute(_DROP_RECEIPTS, {"clinic": unit.clinic, "key": key_id, "most": most}).rowcount
