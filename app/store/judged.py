"""Revisions beside their notes: the one join that reading and replaying share."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from app.models import notes, revisions

JUDGED_REVISIONS = (
    select(
        revisions.c.consultation_id,
        revisions.c.revision,
        revisions.c.created_at,
        revisions.c.body,
        notes.c.note,
        notes.c.made_on,
        notes.c.rulebook_digest,
    )
    .join(
        notes,
        and_(
            notes.c.clinic_id == revisions.c.clinic_id,
            notes.c.consultation_id == revisions.c.consultation_id,
            notes.c.revision == revisions.c.revision,
        ),
    )
    .where(revisions.c.clinic_id == bindparam("clinic"))
)
"""The columns of every revision of one `clinic` with those of its note, in no order."""
