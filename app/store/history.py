"""Every note of a clinic in order, to be made again and compared; and every consultation as it stands now."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, and_, bindparam, func, select

from app.models import consultations, notes, revisions
from app.store.judged import JUDGED_REVISIONS
from app.store.records import Newest, Replayable

_AT_A_TIME = 100

_COUNT = select(func.count()).select_from(notes).where(notes.c.clinic_id == bindparam("clinic"))
_EVERY_NOTE = JUDGED_REVISIONS.order_by(revisions.c.consultation_id, revisions.c.revision)
_COUNT_CONSULTATIONS = (
    select(func.count()).select_from(consultations).where(consultations.c.clinic_id == bindparam("clinic"))
)
_EVERY_NEWEST = (
    select(consultations.c.id, consultations.c.revision, revisions.c.body, consultations.c.made_on)
    .join(
        revisions,
        and_(
            revisions.c.clinic_id == consultations.c.clinic_id,
            revisions.c.consultation_id == consultations.c.id,
            revisions.c.revision == consultations.c.revision,
        ),
    )
    .where(consultations.c.clinic_id == bindparam("clinic"))
    .order_by(consultations.c.id)
)


def count_notes(connection: Connection, clinic_id: str) -> int:
    """How many notes `every_note` would give."""
    return connection.execute(_COUNT, {"clinic": clinic_id}).scalar_one()


def every_note(connection: Connection, clinic_id: str) -> Iterator[Replayable]:
    """Every stored note with what it was made of: by consultation, and each one's revisions in order.

    Holds a few rows at a time, however many there are. Read it to the end inside the transaction.
    """
    before: tuple[str, bytes] | None = None
    rows = connection.execute(_EVERY_NOTE, {"clinic": clinic_id}, execution_options={"yield_per": _AT_A_TIME})
    for row in rows:
        same = before is not None and before[0] == row.consultation_id
        yield Replayable(
            consultation_id=row.consultation_id,
            revision=row.revision,
            body=row.body,
            note=row.note,
            previous_note=before[1] if before is not None and same else None,
            made_on=row.made_on,
            rulebook_digest=row.rulebook_digest,
        )
        before = (row.consultation_id, row.note)


def count_consultations(connection: Connection, clinic_id: str) -> int:
    """How many consultations `every_newest` would give."""
    return connection.execute(_COUNT_CONSULTATIONS, {"clinic": clinic_id}).scalar_one()


def every_newest(connection: Connection, clinic_id: str) -> Iterator[Newest]:
    """Every consultation's newest revision, by id. Holds a few rows at a time; read it inside the transaction."""
    rows = connection.execute(_EVERY_NEWEST, {"clinic": clinic_id}, execution_options={"yield_per": _AT_A_TIME})
    for row in rows:
        yield Newest(consultation_id=row.id, revision=row.revision, body=row.body, made_on=row.made_on)
