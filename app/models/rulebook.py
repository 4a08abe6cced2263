"""Rulebooks as they were when they judged something."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Text

from app.models.metadata import DIGEST_LENGTH, clinic_column, metadata

rulebook_snapshots = Table(
    "rulebook_snapshots",
    metadata,
    clinic_column(),
    Column("digest", String(DIGEST_LENGTH), primary_key=True),
    Column("version", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),  # JSON: file name to its text
)
