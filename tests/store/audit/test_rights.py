"""What the service's own connection may not do."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.models import LOCAL_CLINIC
from app.store import Database, Event, Unit, add_event
from app.store.audit import list_events, seal_events, verify
from app.store.audit.listing import AuditFilter
from tests.stores import FIRST_MOMENT, OTHER_CLINIC, only_postgres

TABLES = ("audit_events", "audit_seals", "audit_sealed")


@pytest.fixture
async def sealed(database: Database) -> Database:
    def write(unit: Unit) -> None:
        add_event(unit, Event("note.read", "done", "api_key", "front-desk"), FIRST_MOMENT)
        seal_events(unit, FIRST_MOMENT)

    await database.write(LOCAL_CLINIC, write)
    return database


def run(unit: Unit, statement: str) -> None:
    unit.connection.execute(text(statement))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET clinic_id = clinic_id", "DELETE FROM {}"])
async def test_the_audit_can_neither_be_changed_nor_deleted_from(sealed: Database, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|only ever added to"):
        await sealed.write(LOCAL_CLINIC, run, change.format(table))
    verdict = await sealed.read(LOCAL_CLINIC, verify, lambda _: None)
    assert (verdict.sealed, verdict.findings) == (1, 0)


@only_postgres
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["TRUNCATE {} CASCADE", "DROP TABLE {} CASCADE", "ALTER TABLE {} RENAME TO gone"])
async def test_the_audit_can_neither_be_emptied_nor_taken_away(sealed: Database, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await sealed.write(LOCAL_CLINIC, run, change.format(table))


async def test_another_clinic_s_audit_is_not_there(sealed: Database) -> None:
    page = await sealed.read(OTHER_CLINIC, list_events, AuditFilter(), None, 10)
    assert page.events == ()
    assert (await sealed.write(OTHER_CLINIC, seal_events, FIRST_MOMENT)).seal is None


@only_postgres
async def test_no_event_can_be_written_into_another_clinic_s_audit(sealed: Database) -> None:
    stolen = "UPDATE audit_events SET clinic_id = 'other'"
    copied = (
        "INSERT INTO audit_events SELECT 'other', event_id, at, actor_kind, actor, action, target, outcome, address,"
        " request_id, detail, master_key, mac FROM audit_events"
    )
    for statement in (stolen, copied):
        with pytest.raises(DBAPIError, match=r"permission denied|row-level security"):
            await sealed.write(LOCAL_CLINIC, run, statement)
