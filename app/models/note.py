"""The note of each revision, and the categories it speaks of."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKeyConstraint, Integer, LargeBinary, String, Table

from app.models.metadata import DIGEST_LENGTH, ID_LENGTH, clinic_column, metadata

# With its revision's body, the rulebook's snapshot and the date, a note can be made again and compared.
notes = Table(
    "notes",
    metadata,
    clinic_column(),
    Column("consultation_id", String(ID_LENGTH), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("rulebook_digest", String(DIGEST_LENGTH), nullable=False),
    Column("made_on", Date, nullable=False),
    Column("note", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["clinic_id", "consultation_id", "revision"],
        ["revisions.clinic_id", "revisions.consultation_id", "revisions.revision"],
    ),
    ForeignKeyConstraint(
        ["clinic_id", "rulebook_digest"], ["rulebook_snapshots.clinic_id", "rulebook_snapshots.digest"]
    ),
)

# Small rows that are only ever looked up by their key: without SQLite's hidden rowid, a note's lie on one page.
note_categories = Table(
    "note_categories",
    metadata,
    clinic_column(),
    Column("consultation_id", String(ID_LENGTH), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("category", String(64), primary_key=True),
    Column("status", String(32), nullable=False),
    ForeignKeyConstraint(
        ["clinic_id", "consultation_id", "revision"],
        ["notes.clinic_id", "notes.consultation_id", "notes.revision"],
    ),
    sqlite_with_rowid=False,
)
