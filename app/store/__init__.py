"""Data at rest: the database, units of work for one clinic, and repositories whose functions take a unit first.

What goes in and comes out are plain values. Bodies, notes, reviews and patients' references are sealed on their way in
and opened on their way out; nobody outside this room sees a key.
"""

from app.store.audit import add_event
from app.store.clinics import add_key, change_key, every_clinic, every_key, find_clinic, find_key, open_clinic
from app.store.consultations import add_revision, all_revisions, newest_number, newest_revision, one_revision
from app.store.database import Database
from app.store.failure import ConstraintBroken
from app.store.history import count_consultations, count_notes, every_newest, every_note
from app.store.migration import has_patients, migrate
from app.store.moving.arrival import Arrival, ArrivingRevision, Outcome
from app.store.moving.arrivals import add_arrivals, find_consultations
from app.store.moving.departures import Departure, Snapshot, count_departures, every_departure, every_snapshot
from app.store.opening import open_database
from app.store.patients.erasure import Erased, Keep, erase_reference
from app.store.patients.giving_up import Lost, count_lost, drop_kept_under, drop_receipts_under, erase_under
from app.store.patients.handing_over import move_to_patient
from app.store.patients.held import HeldConsultation, HeldEvent, HeldPatient, HeldReceipt, held_of
from app.store.patients.idleness import count_idle, erase_idle, find_idle
from app.store.patients.kept import KeptNote, Resealed, every_kept_note, reseal_some
from app.store.patients.key_use import KeyUse, add_up, check_keys, count_key_use
from app.store.patients.rewrapping import Rewrapped, rewrap_some
from app.store.postgres.engine import is_postgres
from app.store.protection import Keyring, make_master_key, read_keyring
from app.store.receipts import add_receipt, count_receipts, drop_receipts, find_receipt
from app.store.records import (
    Added,
    ClinicRow,
    Event,
    Judged,
    KeyRow,
    Listed,
    NewConsultation,
    Newest,
    PoolState,
    Receipt,
    Repeated,
    Replayable,
    Scrubbed,
    StoredRevision,
)
from app.store.reviews import (
    Period,
    ReviewedNote,
    StoredReview,
    add_review,
    all_reviews,
    count_latest_reviews,
    every_latest_review,
    hold_newest,
    one_review,
)
from app.store.rulebooks import has_snapshot, keep_snapshot, rulebook_snapshot
from app.store.schema import expected_revision, known_revisions
from app.store.search import Filter, Page, search
from app.store.sqlite.copying import copy_database
from app.store.unit import Unit

__all__ = [
    "Added",
    "Arrival",
    "ArrivingRevision",
    "ClinicRow",
    "ConstraintBroken",
    "Database",
    "Departure",
    "Erased",
    "Event",
    "Filter",
    "HeldConsultation",
    "HeldEvent",
    "HeldPatient",
    "HeldReceipt",
    "Judged",
    "Keep",
    "KeptNote",
    "KeyRow",
    "KeyUse",
    "Keyring",
    "Listed",
    "Lost",
    "NewConsultation",
    "Newest",
    "Outcome",
    "Page",
    "Period",
    "PoolState",
    "Receipt",
    "Repeated",
    "Replayable",
    "Resealed",
    "ReviewedNote",
    "Rewrapped",
    "Scrubbed",
    "Snapshot",
    "StoredReview",
    "StoredRevision",
    "Unit",
    "add_arrivals",
    "add_event",
    "add_key",
    "add_receipt",
    "add_review",
    "add_revision",
    "add_up",
    "all_reviews",
    "all_revisions",
    "change_key",
    "check_keys",
    "copy_database",
    "count_consultations",
    "count_departures",
    "count_idle",
    "count_key_use",
    "count_latest_reviews",
    "count_lost",
    "count_notes",
    "count_receipts",
    "drop_kept_under",
    "drop_receipts",
    "drop_receipts_under",
    "erase_idle",
    "erase_reference",
    "erase_under",
    "every_clinic",
    "every_departure",
    "every_kept_note",
    "every_key",
    "every_latest_review",
    "every_newest",
    "every_note",
    "every_snapshot",
    "expected_revision",
    "find_clinic",
    "find_consultations",
    "find_idle",
    "find_key",
    "find_receipt",
    "has_patients",
    "has_snapshot",
    "held_of",
    "hold_newest",
    "is_postgres",
    "keep_snapshot",
    "known_revisions",
    "make_master_key",
    "migrate",
    "move_to_patient",
    "newest_number",
    "newest_revision",
    "one_review",
    "one_revision",
    "open_clinic",
    "open_database",
    "read_keyring",
    "reseal_some",
    "rewrap_some",
    "rulebook_snapshot",
    "search",
]
