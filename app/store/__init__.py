"""Data at rest: the database, and repositories whose functions take a connection and return plain values."""

from app.store.consultations import Consultations
from app.store.database import Database
from app.store.history import count_consultations, count_notes, every_newest, every_note
from app.store.migration import expected_revision, migrate
from app.store.records import Judged, Listed, Newest, Replayable, StoredRevision
from app.store.rulebooks import Rulebooks
from app.store.search import Filter, Page, search

__all__ = [
    "Consultations",
    "Database",
    "Filter",
    "Judged",
    "Listed",
    "Newest",
    "Page",
    "Replayable",
    "Rulebooks",
    "StoredRevision",
    "count_consultations",
    "count_notes",
    "every_newest",
    "every_note",
    "expected_revision",
    "migrate",
    "search",
]
