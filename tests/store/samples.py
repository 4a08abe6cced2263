"""Judged consultations to store, and the moments at which they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import orjson

from app.models import LOCAL_CLINIC
from app.store import Added, Database, Event, Judged, NewConsultation, Receipt, Unit, add_revision, keep_snapshot
from app.store.patients.known import KnownPatients
from app.store.whole_write import add_whole

DIGEST = "d" * 64
MORNING = datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=UTC)
EVENT = Event(action="consultation.recorded", outcome="done", actor_kind="api_key", actor="key-1")


def new_id() -> str:
    return str(uuid4())


def minutes_later(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def judged(
    *,
    says: str = "as posted",
    at_least: str = "soon",
    at_most: str = "emergency",
    categories: Mapping[str, str] | None = None,
    patient: str | None = "MRN-1042",
) -> Judged:
    if categories is None:
        categories = {"lumbar_decompression": "needs_information"}
    note = {
        "headline": f"Bladder, bowel and saddle are not known ({says})",
        "urgency": {"at_least": at_least, "at_most": at_most, "settled": at_least == at_most},
        "categories": [{"category": each, "status": status} for each, status in categories.items()],
        "rulebook": {"version": "2026.11", "digest": DIGEST},
        "made_on": date(2026, 11, 23).isoformat(),
    }
    body = orjson.dumps({"complaint": {"regions": ["lumbar"]}, "says": says})
    return Judged.from_note(body, note, orjson.dumps(note), patient)


def new(
    this: str, given: Judged | None = None, at: datetime = MORNING, receipt: Receipt | None = None
) -> NewConsultation:
    """Consultation `this`, to be stored at a moment."""
    return NewConsultation(this, judged() if given is None else given, lambda: at, EVENT, receipt)


async def add(
    database: Database, this: str, given: Judged | None = None, at: datetime = MORNING, *, clinic: str = LOCAL_CLINIC
) -> Added:
    """Store consultation `this` in the way that the service does."""
    return await database.add_consultation(clinic, new(this, given, at))


def add_in(unit: Unit, this: str, given: Judged | None = None) -> Added:
    """Store consultation `this` among whatever else a transaction does."""
    return add_whole(unit, new(this, given), KnownPatients())


async def revise(
    database: Database, this: str, expected: int, given: Judged | None = None, at: datetime = MORNING
) -> int:
    """Store the revision after `expected` of a consultation of the local clinic."""
    return await database.write(LOCAL_CLINIC, add_revision, this, expected, judged() if given is None else given, at)


async def keep_rulebook(database: Database, clinic: str) -> None:
    """Keep the rulebook that `judged` names."""
    await database.write(clinic, keep_snapshot, DIGEST, "2026.11", {"lumbar.yaml": "rules: []\n"})
