"""Receipts for retries, clinicians' reviews, and notes that stay for learning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_receipts_and_reviews"
down_revision = "2026_11_28_patients"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "receipts",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consultation_id", sa.String(36), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("review_id", sa.String(36), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "key_hash", name="pk_receipts"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consultation_id"],
            ["consultations.clinic_id", "consultations.id"],
            name="fk_receipts_consultations",
        ),
    )
    op.create_index("ix_receipts_made_at", "receipts", ["clinic_id", "made_at"])
    op.create_index("ix_receipts_consultation", "receipts", ["clinic_id", "consultation_id"])
    op.create_table(
        "reviews",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.String(36), nullable=False),
        sa.Column("review_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("review", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "consultation_id", "review_id", name="pk_reviews"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consultation_id", "revision"],
            ["notes.clinic_id", "notes.consultation_id", "notes.revision"],
            name="fk_reviews_notes",
        ),
    )
    op.create_index("ix_reviews_reviewed_at", "reviews", ["clinic_id", "reviewed_at"])
    op.create_table(
        "kept_notes",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("kept_id", sa.String(36), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rulebook_digest", sa.String(64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "kept_id", name="pk_kept_notes"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "rulebook_digest"],
            ["rulebook_snapshots.clinic_id", "rulebook_snapshots.digest"],
            name="fk_kept_notes_rulebook_snapshots",
        ),
    )


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_table("kept_notes")
    op.drop_table("reviews")
    op.drop_table("receipts")
