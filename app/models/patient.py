"""Patients: nothing but what it takes to open what is sealed of each."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, String, Table

from app.models.metadata import ID_LENGTH, KEY_ID_LENGTH, UtcDateTime, clinic_column, metadata

# Everything of a patient hangs on this row: with its key gone, what a copy still holds of the patient is noise.
patients = Table(
    "patients",
    metadata,
    clinic_column(),
    Column("patient_id", String(ID_LENGTH), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("master_key", String(KEY_ID_LENGTH), nullable=False),  # the id of the one that wraps the patient's key
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("blind_index", LargeBinary),  # a keyed hash of the reference; none for somebody without one
    Column("reference", LargeBinary),  # sealed
    ForeignKeyConstraint(["clinic_id"], ["clinics.clinic_id"]),
    Index("uq_patients_blind_index", "clinic_id", "blind_index", unique=True),
    Index("ix_patients_master_key", "clinic_id", "master_key"),
)
