"""What clinicians decided after reading a note."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text

from app.models.metadata import ID_LENGTH, UtcDateTime, clinic_column, metadata

reviews = Table(
    "reviews",
    metadata,
    clinic_column(),
    Column("consultation_id", String(ID_LENGTH), primary_key=True),
    Column("review_id", String(ID_LENGTH), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
    Column("reviewer", Text, nullable=False),  # the caller's kind and subject, as kind:subject
    Column("verdict", String(16), nullable=False),
    Column("review", LargeBinary, nullable=False),  # as sent, with the newest revision then; sealed
    ForeignKeyConstraint(
        ["clinic_id", "consultation_id", "revision"],
        ["notes.clinic_id", "notes.consultation_id", "notes.revision"],
    ),
    Index("ix_reviews_reviewed_at", "clinic_id", "reviewed_at"),
)
