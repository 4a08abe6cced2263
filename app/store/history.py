"""Every note of a clinic in order, to be made again and compared; and every consultation as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import and_, bindparam, func, select

from app.errors import Damaged
from app.models import consultations, notes, patients, revisions
from app.store.judged import JUDGED_REVISIONS, KEY_COLUMNS, OF_PATIENT, key_in
from app.store.protection.patient_key import body_of, note_of
from app.store.records import Newest, Replayable
from app.store.unit import Unit

Tell = Callable[[str, int], None]
"""Told of a revision that does not open, by its consultation's id and its number."""

_AT_A_TIME = 100

_COUNT = select(func.count()).select_from(notes).where(notes.c.clinic_id == bindparam("clinic"))
_EVERY_NOTE = JUDGED_REVISIONS.order_by(revisions.c.consultation_id, revisions.c.revision)
_COUNT_CONSULTATIONS = (
    select(func.count()).select_from(consultations).where(consultations.c.clinic_id == bindparam("clinic"))
)
_EVERY_NEWEST = (
    select(consultations.c.id, consultations.c.revision, revisions.c.body, consultations.c.made_on, *KEY_COLUMNS)
    .join(
        revisions,
        and_(
            revisions.c.clinic_id == consultations.c.clinic_id,
            revisions.c.consultation_id == consultations.c.id,
            revisions.c.revision == consultations.c.revision,
        ),
    )
    .join(patients, OF_PATIENT)
    .where(consultations.c.clinic_id == bindparam("clinic"))
    .order_by(consultations.c.id)
)


def count_notes(unit: Unit) -> int:
    """How many notes `every_note` would give."""
    return unit.connection.execute(_COUNT, {"clinic": unit.clinic}).scalar_one()


def every_note(unit: Unit, damaged: Tell | None = None) -> Iterator[Replayable]:
    """Every stored note with what it was made of: by consultation, and each one's revisions in order.

    One that does not open is left out and told to `damaged`; without that, Damaged. The next one of the same
    consultation says that the note before it does not open. KeysMissing.
    Holds a few rows at a time, however many there are. Read it to the end inside the transaction.
    """
    before: tuple[str, int, bytes] | None = None
    rows = unit.connection.execute(_EVERY_NOTE, {"clinic": unit.clinic}, execution_options={"yield_per": _AT_A_TIME})
    for row in rows:
        try:
            key = key_in(unit, row)
            note = key.open(row.note, note_of(row.consultation_id, row.revision))
            previous, before = before, (row.consultation_id, row.revision, note)
            body = key.open(row.body, body_of(row.consultation_id, row.revision))
        except Damaged:
            if damaged is None:
                raise
            damaged(row.consultation_id, row.revision)
            continue
        is_known = previous is not None and previous[:2] == (row.consultation_id, row.revision - 1)
        yield Replayable(
            consultation_id=row.consultation_id,
            revision=row.revision,
            body=body,
            note=note,
            previous_note=previous[2] if previous is not None and is_known else None,
            made_on=row.made_on,
            rulebook_digest=row.rulebook_digest,
            previous_opens=is_known or row.revision == 1,
        )


def count_consultations(unit: Unit) -> int:
    """How many consultations `every_newest` would give."""
    return unit.connection.execute(_COUNT_CONSULTATIONS, {"clinic": unit.clinic}).scalar_one()


def every_newest(unit: Unit, damaged: Tell | None = None) -> Iterator[Newest]:
    """Every consultation's newest revision, by id. Holds a few rows at a time; read it inside the transaction.

    One that does not open is left out and told to `damaged`; without that, Damaged. KeysMissing.
    """
    rows = unit.connection.execute(_EVERY_NEWEST, {"clinic": unit.clinic}, execution_options={"yield_per": _AT_A_TIME})
    for row in rows:
        try:
            body = key_in(unit, row).open(row.body, body_of(row.id, row.revision))
        except Damaged:
            if damaged is None:
                raise
            damaged(row.id, row.revision)
            continue
        yield Newest(consultation_id=row.id, revision=row.revision, body=body, made_on=row.made_on)
