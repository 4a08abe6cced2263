"""What was answered to a request that carried an Idempotency-Key."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from app.models.metadata import DIGEST_LENGTH, ID_LENGTH, KEY_ID_LENGTH, UtcDateTime, clinic_column, metadata

# Of what is stored anyway a receipt keeps only the place; an answer that is stored nowhere else is kept sealed. Both
# hashes are keyed by the master key that is named, so that nobody tries out keys and requests on them.
receipts = Table(
    "receipts",
    metadata,
    clinic_column(),
    Column("key_hash", String(DIGEST_LENGTH), primary_key=True),
    Column("request_hash", String(DIGEST_LENGTH), nullable=False),
    Column("master_key", String(KEY_ID_LENGTH), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("consultation_id", String(ID_LENGTH)),
    Column("revision", Integer),
    Column("review_id", String(ID_LENGTH)),
    Column("answer", LargeBinary),
    ForeignKeyConstraint(["clinic_id", "consultation_id"], ["consultations.clinic_id", "consultations.id"]),
    Index("ix_receipts_made_at", "clinic_id", "made_at"),
    Index("ix_receipts_consultation", "clinic_id", "consultation_id"),
)
