"""Which master keys are in use is looked up, not counted out of every patient."""

from __future__ import annotations

from alembic import op

revision = "2026_11_28_master_keys"
down_revision = "2026_11_28_row_security"
branch_labels = None
depends_on = None

_TABLES = ("patients", "kept_notes")


def upgrade() -> None:
    """Index what is sealed by its master key."""
    for table in _TABLES:
        op.create_index(f"ix_{table}_master_key", table, ["clinic_id", "master_key"])


def downgrade() -> None:
    """Drop the indices."""
    for table in _TABLES:
        op.drop_index(f"ix_{table}_master_key", table)
