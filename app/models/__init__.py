"""SQLAlchemy Core tables, one aggregate a file. Importing this package fills `metadata` with all of them."""

from app.models.audit import audit_events, audit_sealed, audit_seals
from app.models.clinic import api_keys, clinics
from app.models.consultation import consultations, revisions
from app.models.kept_note import kept_notes
from app.models.metadata import LOCAL_CLINIC, UtcDateTime, metadata
from app.models.note import note_categories, notes
from app.models.patient import patients
from app.models.receipt import receipts
from app.models.review import reviews
from app.models.rulebook import rulebook_snapshots

__all__ = [
    "LOCAL_CLINIC",
    "UtcDateTime",
    "api_keys",
    "audit_events",
    "audit_sealed",
    "audit_seals",
    "clinics",
    "consultations",
    "kept_notes",
    "metadata",
    "note_categories",
    "notes",
    "patients",
    "receipts",
    "reviews",
    "revisions",
    "rulebook_snapshots",
]
