"""Consultations, their revisions and notes, and the rulebooks they were judged with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_consultations"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "consultations",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("urgency_at_least", sa.Integer(), nullable=False),
        sa.Column("urgency_at_most", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("patient_reference", sa.Text(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name="pk_consultations"),
    )
    op.create_index("ix_consultations_newest", "consultations", ["clinic_id", "created_at", "id"])
    op.create_index("ix_consultations_patient", "consultations", ["clinic_id", "patient_reference", "created_at", "id"])
    op.create_table(
        "rulebook_snapshots",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "digest", name="pk_rulebook_snapshots"),
    )
    op.create_table(
        "revisions",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "consultation_id", "revision", name="pk_revisions"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consultation_id"],
            ["consultations.clinic_id", "consultations.id"],
            name="fk_revisions_consultations",
        ),
    )
    op.create_table(
        "notes",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rulebook_digest", sa.String(64), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "consultation_id", "revision", name="pk_notes"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consultation_id", "revision"],
            ["revisions.clinic_id", "revisions.consultation_id", "revisions.revision"],
            name="fk_notes_revisions",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "rulebook_digest"],
            ["rulebook_snapshots.clinic_id", "rulebook_snapshots.digest"],
            name="fk_notes_rulebook_snapshots",
        ),
    )
    op.create_table(
        "note_categories",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "consultation_id", "revision", "category", name="pk_note_categories"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consultation_id", "revision"],
            ["notes.clinic_id", "notes.consultation_id", "notes.revision"],
            name="fk_note_categories_notes",
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_table("note_categories")
    op.drop_table("notes")
    op.drop_table("revisions")
    op.drop_table("rulebook_snapshots")
    op.drop_table("consultations")
