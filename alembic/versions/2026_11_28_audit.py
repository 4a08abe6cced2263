"""The audit, which is only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_audit"
down_revision = "2026_11_28_receipts_and_reviews"
branch_labels = None
depends_on = None

_TABLES = ("audit_events", "audit_seals", "audit_sealed")


def upgrade() -> None:
    """Create the tables; on SQLite, which knows no roles, triggers refuse changes."""
    op.create_table(
        "audit_events",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["clinic_id", "at", "event_id"])
    op.create_index("ix_audit_events_target", "audit_events", ["clinic_id", "target", "at"])
    op.create_table(
        "audit_seals",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "number", name="pk_audit_seals"),
    )
    op.create_table(
        "audit_sealed",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", name="pk_audit_sealed"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "seal"], ["audit_seals.clinic_id", "audit_seals.number"], name="fk_audit_sealed_audit_seals"
        ),
    )
    op.create_index("uq_audit_sealed_place", "audit_sealed", ["clinic_id", "seal", "place"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for table in _TABLES:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
                )


def downgrade() -> None:
    """Drop them, with everything in them."""
    for table in reversed(_TABLES):
        op.drop_table(table)
