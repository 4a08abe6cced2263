"""SQLAlchemy Core tables, one aggregate a file. Importing this package fills `metadata` with all of them."""

from app.models.consultation import consultations, revisions
from app.models.metadata import LOCAL_CLINIC, UtcDateTime, metadata
from app.models.note import note_categories, notes
from app.models.rulebook import rulebook_snapshots

__all__ = [
    "LOCAL_CLINIC",
    "UtcDateTime",
    "consultations",
    "metadata",
    "note_categories",
    "notes",
    "revisions",
    "rulebook_snapshots",
]
