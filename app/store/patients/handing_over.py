"""A consultation that turns out to be another patient's: all of it is sealed anew, under the other key.

What was written stays as it is, to the byte; only the key it lies under changes, so that erasing a patient erases all
of theirs and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, and_, bindparam, delete, exists, select, update

from app.models import consultations, notes, patients, reviews, revisions
from app.store.patients.keys import key_of, patient_for
from app.store.protection import PatientKey
from app.store.protection.patient_key import body_of, note_of, review_of
from app.store.unit import Unit

_HERE: BindParameter[str] = bindparam("clinic")
_THIS: BindParameter[str] = bindparam("this")
_PATIENT = select(consultations.c.patient_id).where(consultations.c.clinic_id == _HERE, consultations.c.id == _THIS)
_HAND_OVER = update(consultations).where(consultations.c.clinic_id == _HERE, consultations.c.id == _THIS)
# Whoever holds the row at this moment erases the patient, or adds a consultation: then nothing is to be dropped here.
_NOBODY_S = (
    select(patients.c.patient_id)
    .where(
        patients.c.clinic_id == _HERE,
        patients.c.patient_id == bindparam("left"),
        ~exists().where(
            and_(consultations.c.clinic_id == patients.c.clinic_id, consultations.c.patient_id == patients.c.patient_id)
        ),
    )
    .with_for_update(skip_locked=True)
)
_DROP_IF_NOBODY_S = delete(patients).where(patients.c.clinic_id == _HERE, patients.c.patient_id.in_(_NOBODY_S))


def move_to_patient(unit: Unit, consultation_id: str, reference: str | None, at: datetime) -> None:
    """Hand a consultation over to the patient with this reference, who is added if need be; None: to a new one."""
    here = {"clinic": unit.clinic, "this": consultation_id}
    old = key_of(unit, unit.connection.execute(_PATIENT, here).scalar_one())
    hand_over(unit, consultation_id, old, patient_for(unit, reference, at))


def hand_over(unit: Unit, consultation_id: str, old: PatientKey, new: PatientKey) -> None:
    """Make a patient's consultation another one's; the patient who is left without any is dropped."""
    unit.connection.execute(_HAND_OVER, {"clinic": unit.clinic, "this": consultation_id, "patient_id": new.patient_id})
    for table, column, place, named in (
        (revisions, revisions.c.body, body_of, revisions.c.revision),
        (notes, notes.c.note, note_of, notes.c.revision),
        (reviews, reviews.c.review, review_of, reviews.c.review_id),
    ):
        of_it = and_(table.c.clinic_id == unit.clinic, table.c.consultation_id == consultation_id)
        for which, sealed in unit.connection.execute(select(named, column).where(of_it)).all():
            there = place(consultation_id, which)
            again = new.seal(old.open(sealed, there), there)
            unit.connection.execute(update(table).where(of_it, named == which).values({column.name: again}))
    unit.connection.execute(_DROP_IF_NOBODY_S, {"clinic": unit.clinic, "left": old.patient_id})
