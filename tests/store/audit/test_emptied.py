"""An audit of which nothing is left is missed, where something is stored that it must have told of."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update

from app.models import LOCAL_CLINIC, audit_events, clinics
from app.store import Database, Unit
from app.store.audit import Finding, Flaw, verify
from tests.store.samples import MORNING, add, judged, minutes_later, new_id
from tests.stores import only_sqlite

pytestmark = only_sqlite


def empty(unit: Unit, opened_minutes_after: float) -> None:
    """Take all events away, as whoever has the file can, of a clinic that was opened so long after its consultation."""
    unit.connection.execute(text("DROP TRIGGER audit_events_no_delete"))
    unit.connection.execute(delete(audit_events))
    unit.connection.execute(update(clinics).values(created_at=minutes_later(opened_minutes_after)))


async def flaws(database: Database) -> list[Flaw]:
    found: list[Finding] = []
    await database.read(LOCAL_CLINIC, lambda unit: verify(unit, found.append))
    return [each.flaw for each in found]


@pytest.mark.parametrize(("opened_minutes_after", "expected"), [(-1, [Flaw.EMPTIED]), (1, [])])
async def test_an_emptied_audit_is_a_finding_beside_what_was_stored_since_there_is_one(
    database: Database, opened_minutes_after: float, expected: list[Flaw]
) -> None:
    await add(database, new_id(), judged(), at=MORNING)
    assert await flaws(database) == []
    await database.write(LOCAL_CLINIC, empty, opened_minutes_after)
    assert await flaws(database) == expected
