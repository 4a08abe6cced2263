"""Notes that stay for learning when a patient is erased, if the clinic chose so: whose they were is not known."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKeyConstraint, Index, LargeBinary, String, Table

from app.models.metadata import DIGEST_LENGTH, ID_LENGTH, clinic_column, metadata

# No consultation, no patient, no moment: an id of its own, and the month in which the note was made.
kept_notes = Table(
    "kept_notes",
    metadata,
    clinic_column(),
    Column("kept_id", String(ID_LENGTH), primary_key=True),
    Column("month", Date, nullable=False),
    Column("rulebook_digest", String(DIGEST_LENGTH), nullable=False),
    Column("note", LargeBinary, nullable=False),  # sealed
    Column("master_key", String(32), nullable=False),  # under which it is
    ForeignKeyConstraint(
        ["clinic_id", "rulebook_digest"], ["rulebook_snapshots.clinic_id", "rulebook_snapshots.digest"]
    ),
    Index("ix_kept_notes_master_key", "clinic_id", "master_key"),
)
