"""Consultations and their immutable revisions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text

from app.models.metadata import ID_LENGTH, UtcDateTime, clinic_column, metadata

# One row a consultation: which revision is the newest, and what its note says. Lists are served from this
# table alone; walking the fat notes instead would cost one random page for each row looked at.
consultations = Table(
    "consultations",
    metadata,
    clinic_column(),
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revised_at", UtcDateTime, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("urgency_at_least", Integer, nullable=False),  # 0 routine, 1 soon, 2 urgent, 3 emergency
    Column("urgency_at_most", Integer, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("patient_id", String(ID_LENGTH), nullable=False),
    Column("headline", Text, nullable=False),
    ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.patient_id"]),
    Index("ix_consultations_newest", "clinic_id", "created_at", "id"),
    Index("ix_consultations_patient", "clinic_id", "patient_id", "created_at", "id"),
)

# Canonical JSON, sealed under the patient's key: what is opened is, byte for byte, what was written.
revisions = Table(
    "revisions",
    metadata,
    clinic_column(),
    Column("consultation_id", String(ID_LENGTH), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    ForeignKeyConstraint(["clinic_id", "consultation_id"], ["consultations.clinic_id", "consultations.id"]),
)
