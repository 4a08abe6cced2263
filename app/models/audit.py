"""Who did what to which record, and the seals that show a changed, removed, inserted or reordered row."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table, Text

from app.models.metadata import ID_LENGTH, KEY_ID_LENGTH, UtcDateTime, clinic_column, metadata

# Only ever added to: the service's database role may neither change nor delete here.
audit_events = Table(
    "audit_events",
    metadata,
    clinic_column(),
    Column("event_id", String(ID_LENGTH), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    # Such as consultations/<id>/notes/2; never a patient's reference. Compared by its bytes, so that all below one
    # target are a range of the index.
    Column("target", Text().with_variant(Text(collation="C"), "postgresql")),
    Column("outcome", String(64), nullable=False),  # done, or the code of the error
    Column("address", Text),
    Column("request_id", String(64)),
    Column("detail", Text),  # JSON
    Column("master_key", String(KEY_ID_LENGTH), nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Index("ix_audit_events_at", "clinic_id", "at", "event_id"),
    Index("ix_audit_events_target", "clinic_id", "target", "at"),
)

audit_seals = Table(
    "audit_seals",
    metadata,
    clinic_column(),
    Column("number", Integer, primary_key=True),  # 1, 2, 3, … without a gap
    Column("sealed_at", UtcDateTime, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("events", Integer, nullable=False),  # how many it covers
    Column("master_key", String(KEY_ID_LENGTH), nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

# Which events a seal covers, and in which order; added to in the seal's own transaction.
audit_sealed = Table(
    "audit_sealed",
    metadata,
    clinic_column(),
    Column("event_id", String(ID_LENGTH), primary_key=True),
    Column("seal", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("leaf", LargeBinary, nullable=False),  # what the event was hashed to, which says later which one differs
    ForeignKeyConstraint(["clinic_id", "seal"], ["audit_seals.clinic_id", "audit_seals.number"]),
    Index("uq_audit_sealed_place", "clinic_id", "seal", "place", unique=True),
)
