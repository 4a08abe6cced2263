"""Clinics and their API keys; the clinics that have consultations are opened."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_clinics"
down_revision = "2026_11_23_consultations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the clinic that every installation begins with."""
    clinics = op.create_table(
        "clinics",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name="pk_clinics"),
    )
    op.create_table(
        "api_keys",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "key_id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.clinic_id"], name="fk_api_keys_clinics"),
    )
    here = op.get_bind()
    known = {row.clinic_id for row in here.execute(sa.text("SELECT DISTINCT clinic_id FROM rulebook_snapshots"))}
    now = datetime.now(UTC)
    here.execute(
        clinics.insert(),
        [{"clinic_id": each, "name": each, "created_at": now} for each in sorted(known | {"local"})],
    )


def downgrade() -> None:
    """Drop them; keys are lost, consultations are not."""
    op.drop_table("api_keys")
    op.drop_table("clinics")
