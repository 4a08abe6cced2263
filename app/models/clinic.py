"""Clinics, and the keys with which their software calls."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, String, Table, Text

from app.models.metadata import UtcDateTime, clinic_column, metadata

clinics = Table(
    "clinics",
    metadata,
    clinic_column(),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Only a hash of the secret: whoever reads this table can call nothing with it.
api_keys = Table(
    "api_keys",
    metadata,
    clinic_column(),
    Column("key_id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),  # separated by spaces, as in a token
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("replaced_by", String(16)),
    ForeignKeyConstraint(["clinic_id"], ["clinics.clinic_id"]),
)
