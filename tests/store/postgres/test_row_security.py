"""PostgreSQL itself keeps clinics apart, also where a statement forgot to ask for one."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Executable, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app.models import LOCAL_CLINIC, consultations, metadata, patients, receipts
from app.store import Database, KeyRow, Receipt, Unit, add_key
from tests.postgres.cluster import OWNER
from tests.store.counting import count_rows
from tests.store.samples import MORNING, add, new, new_id
from tests.stores import OTHER_CLINIC, only_postgres

pytestmark = only_postgres

TABLES = metadata.sorted_tables
CHANGED = ("consultations", "revisions", "notes", "reviews")


@pytest.fixture
async def filled(database: Database, owned: Database) -> Database:
    """Everything that the service writes, in the other clinic alone."""
    receipt = Receipt("a" * 64, "b" * 64, consultation_id=(this := new_id()), revision=1)
    await database.add_consultation(OTHER_CLINIC, new(this, receipt=receipt))
    key = KeyRow("key-1", "desk", b"hash", "triage", MORNING, None, None, None, None)
    await owned.write(OTHER_CLINIC, add_key, key)
    return database


def every_row(connection: Connection) -> dict[str, int]:
    """How many rows of each table a query finds that names no clinic."""
    found = {table.name: len(connection.execute(select(table)).all()) for table in TABLES}
    return {name: rows for name, rows in found.items() if rows}


def run(unit: Unit, statement: Executable) -> int:
    """How many rows a statement reached that names no clinic."""
    return unit.connection.execute(statement).rowcount


async def test_a_query_that_forgot_the_clinic_finds_its_own_rows_only(filled: Database) -> None:
    there = await filled.read(OTHER_CLINIC, count_rows)
    assert there.keys() >= {"api_keys", "audit_events", "note_categories", "receipts", "patients"}
    assert await filled.read(OTHER_CLINIC, lambda unit: every_row(unit.connection)) == there
    assert await filled.read(LOCAL_CLINIC, lambda unit: every_row(unit.connection)) == {
        "clinics": 1,
        "rulebook_snapshots": 1,
    }
    for nobody in ("nobody", "", "%", "local' OR 'a'='a"):
        assert await filled.read(nobody, lambda unit: every_row(unit.connection)) == {}


async def test_without_a_clinic_nothing_is_found_at_all(filled: Database) -> None:
    assert await filled.survey(every_row) == {}


async def test_a_row_for_another_clinic_cannot_be_inserted(filled: Database) -> None:
    for table in TABLES:
        if table.name in ("clinics", "api_keys"):  # the role may insert none for any clinic
            continue
        row = {column.name: None for column in table.columns} | {"clinic_id": OTHER_CLINIC}
        with pytest.raises(ProgrammingError, match="row-level security"):
            await filled.write(LOCAL_CLINIC, run, insert(table).values(row))


async def test_a_row_cannot_be_handed_to_another_clinic(filled: Database) -> None:
    await add(filled, new_id())
    with pytest.raises(ProgrammingError, match="row-level security"):
        await filled.write(LOCAL_CLINIC, run, update(consultations).values(clinic_id=OTHER_CLINIC))


async def test_a_change_that_forgot_the_clinic_reaches_nobody_else(filled: Database, owned: Database) -> None:
    before = await owned.survey(every_row)

    for change in (update(consultations).values(headline="changed"), delete(receipts), delete(patients)):
        assert await filled.write(LOCAL_CLINIC, run, change) == 0
    assert await owned.survey(every_row) == before
    headlines = select(consultations.c.headline)
    assert "changed" not in await owned.survey(lambda connection: connection.execute(headlines).scalars().all())


async def test_what_is_never_changed_the_role_cannot_change(filled: Database) -> None:
    for table in TABLES:
        if table.name in CHANGED:
            continue
        column = next(each for each in table.columns if each.name not in ("clinic_id", "last_used_at"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            await filled.write(OTHER_CLINIC, run, update(table).values({column.name: column}))


async def test_what_is_never_deleted_the_role_cannot_delete(filled: Database) -> None:
    kept = {"audit_events", "audit_seals", "audit_sealed", "clinics", "api_keys", "rulebook_snapshots"}
    for table in TABLES:
        removals: list[Executable] = [delete(table)] if table.name in kept else []
        for removal in (*removals, text(f"TRUNCATE {table.name} CASCADE")):
            with pytest.raises(ProgrammingError, match="permission denied"):
                await filled.write(OTHER_CLINIC, run, removal)


@pytest.mark.parametrize(
    "escape",
    [
        f"SET ROLE {OWNER}",
        "SET row_security = off; SELECT * FROM consultations",
        "ALTER TABLE consultations DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_clinic ON consultations",
        "CREATE TABLE elsewhere AS SELECT * FROM consultations",
        "COPY consultations TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
async def test_the_role_cannot_step_out_of_what_holds_it(filled: Database, escape: str) -> None:
    def step_out(unit: Unit) -> None:
        for statement in escape.split("; "):
            unit.connection.exec_driver_sql(statement)

    with pytest.raises(DBAPIError, match=r"permission denied|must be owner|row-level security|must be a member"):
        await filled.write(LOCAL_CLINIC, step_out)
