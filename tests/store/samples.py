"""Judged consultations to store, and the moments at which they are."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import orjson

from app.store import Judged

DIGEST = "d" * 64
MORNING = datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=UTC)


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
