"""The bare single writer: the rows of a new consultation through SQLAlchemy Core, a commit for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert

from app.models import LOCAL_CLINIC, consultations, note_categories, notes, revisions
from app.services.input import canonical_body
from app.store import Rulebooks, migrate
from app.store.engine import open_writer
from app.triage import Rulebook, Triage, encode
from app.triage.rulebook import URGENCIES
from bench.bodies import Body, check

Row = dict[str, Any]

_CONSULTATION = insert(consultations)
_REVISION = insert(revisions)
_NOTE = insert(notes)
_CATEGORIES = insert(note_categories)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one consultation, ready but for its id."""

    consultation: Row
    revision: Row
    note: Row
    categories: tuple[Row, ...]


def rows_of(triage: Triage, body: Body) -> Rows:
    """The rows, byte for byte those that the service stores for the body."""
    consultation, now, today = check(body), datetime.now(UTC), date.today()  # noqa: DTZ011 - any day takes as many bytes
    note = triage.note(consultation, today)
    urgency = note["urgency"]
    reading = {
        "revision": 1,
        "created_at": now,
        "revised_at": now,
        "made_on": today,
        "urgency_at_least": URGENCIES.index(urgency["at_least"]),
        "urgency_at_most": URGENCIES.index(urgency["at_most"]),
        "settled": urgency["settled"],
        "patient_reference": body["patient"]["reference"],
        "headline": note["headline"],
    }
    key = {"clinic_id": LOCAL_CLINIC, "revision": 1}
    return Rows(
        reading | {"clinic_id": LOCAL_CLINIC},
        key | {"created_at": now, "body": canonical_body(consultation)},
        key | {"rulebook_digest": triage.rulebook.digest, "made_on": today, "note": encode(note)},
        tuple(key | {"category": each["category"], "status": each["status"]} for each in note["categories"]),
    )


def open_database(file: Path, rulebook: Rulebook) -> Engine:
    """A migrated database with the rulebook's snapshot, and an engine with the service's settings of its writer."""
    url = f"sqlite:///{file}"
    migrate(url)
    engine = open_writer(url)
    with engine.begin() as connection:
        Rulebooks(LOCAL_CLINIC).keep_snapshot(connection, rulebook.digest, rulebook.version, rulebook.files)
    return engine


def write(engine: Engine, rows: Rows) -> str:
    """Insert and commit one consultation; answers its id."""
    made = str(uuid4())
    with engine.begin() as connection:
        _insert(connection, rows, made)
    return made


def _insert(connection: Connection, rows: Rows, made: str) -> None:
    named = {"consultation_id": made}
    connection.execute(_CONSULTATION, rows.consultation | {"id": made})
    connection.execute(_REVISION, rows.revision | named)
    connection.execute(_NOTE, rows.note | named)
    if rows.categories:
        connection.execute(_CATEGORIES, [row | named for row in rows.categories])
