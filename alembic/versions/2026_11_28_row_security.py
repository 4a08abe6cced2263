"""On PostgreSQL: what the service's role may do, and row-level security that binds it to one clinic at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_row_security"
down_revision = "2026_11_28_audit"
branch_labels = None
depends_on = None

ROLE = "spine_triage_service"
MAINTAIN_SINCE = 170000

# Only what the service does. Nothing is ever changed or deleted in the audit.
_GRANTS = {
    "clinics": "SELECT",
    "api_keys": "SELECT, UPDATE (last_used_at)",
    "patients": "SELECT, INSERT, UPDATE (created_at), DELETE",  # a row can be locked only by a role that may update it
    "consultations": "SELECT, INSERT, UPDATE, DELETE",
    "revisions": "SELECT, INSERT, UPDATE (body), DELETE",
    "notes": "SELECT, INSERT, UPDATE (note), DELETE",
    "note_categories": "SELECT, INSERT, DELETE",
    "receipts": "SELECT, INSERT, DELETE",
    "reviews": "SELECT, INSERT, UPDATE (review), DELETE",
    "kept_notes": "SELECT, INSERT",
    "rulebook_snapshots": "SELECT, INSERT",
    "audit_events": "SELECT, INSERT",
    "audit_seals": "SELECT, INSERT",
    "audit_sealed": "SELECT, INSERT",
}
_VERSION = sa.text("SELECT CAST(current_setting('server_version_num') AS int)")
_OWN_CLINIC = "clinic_id = current_setting('spine_triage.clinic', true)"


def upgrade() -> None:
    """Make the role if this owner may, grant, and switch row-level security on."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') "
        f"THEN CREATE ROLE {ROLE} NOLOGIN; END IF; END $$"
    )
    op.execute(f"GRANT SELECT ON alembic_version TO {ROLE}")
    for table, rights in _GRANTS.items():
        op.execute(f"GRANT {rights} ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON {table} TO {ROLE} USING ({_OWN_CLINIC}) WITH CHECK ({_OWN_CLINIC})")
    if op.get_bind().execute(_VERSION).scalar_one() >= MAINTAIN_SINCE:
        # So that erasing a patient can also take the destroyed key out of the table's file.
        op.execute(f"GRANT MAINTAIN ON patients TO {ROLE}")


def downgrade() -> None:
    """Take the rights back; the role itself may serve other databases and stays."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _GRANTS:
        op.execute(f"DROP POLICY own_clinic ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {ROLE}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {ROLE}")
