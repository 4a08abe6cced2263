"""Patients of whom nothing was stored for long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select

from app.models import consultations, patients, reviews
from app.store.patients.erasure import Erased, Keep, erase_patients, hold_patients
from app.store.unit import Unit

_THEIRS = and_(
    consultations.c.clinic_id == patients.c.clinic_id,
    consultations.c.patient_id == patients.c.patient_id,
)


def _idle() -> ColumnElement[bool]:
    before = bindparam("before", type_=patients.c.created_at.type)
    revised = exists().where(_THEIRS, consultations.c.revised_at >= before)
    reviewed = (
        exists()
        .where(
            _THEIRS,
            reviews.c.clinic_id == consultations.c.clinic_id,
            reviews.c.consultation_id == consultations.c.id,
            reviews.c.reviewed_at >= before,
        )
        .select_from(consultations.join(reviews, reviews.c.consultation_id == consultations.c.id))
    )
    return and_(patients.c.clinic_id == bindparam("clinic"), patients.c.created_at < before, ~revised, ~reviewed)


_IDLE = _idle()
_COUNT = select(func.count()).select_from(patients).where(_IDLE)
_SOME = (
    select(patients.c.patient_id)
    .where(_IDLE, patients.c.patient_id > bindparam("after"))
    .order_by(patients.c.patient_id)
    .limit(bindparam("most"))
)
_STILL = select(patients.c.patient_id).where(_IDLE, patients.c.patient_id.in_(bindparam("patients", expanding=True)))


def count_idle(unit: Unit, before: datetime) -> int:
    """How many patients there are of whom nothing was stored since `before`."""
    return unit.connection.execute(_COUNT, {"clinic": unit.clinic, "before": before}).scalar_one()


def find_idle(unit: Unit, before: datetime, after: str, most: int) -> list[str]:
    """The ids of the next `most` of them after an id, "" to begin."""
    asked = {"clinic": unit.clinic, "before": before, "after": after, "most": most}
    return list(unit.connection.execute(_SOME, asked).scalars())


def erase_idle(unit: Unit, patient_ids: list[str], before: datetime, keep: Keep | None) -> Erased:
    """Erase those of the patients of whom nothing has been stored meanwhile either."""
    held = hold_patients(unit, patient_ids)
    asked = {"clinic": unit.clinic, "before": before, "patients": held}
    still = list(unit.connection.execute(_STILL, asked).scalars()) if held else []
    return erase_patients(unit, still, keep) if still else Erased(())
