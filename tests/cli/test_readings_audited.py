"""Commands that go through everything that is stored tell the audit of it, where it can be told."""

from __future__ import annotations

import asyncio
import os
import pwd
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.models import LOCAL_CLINIC
from app.store import open_database
from tests.cli.conftest import Run
from tests.stores import KEYRING, StoreUrls, only_postgres

KNOWLEDGE = Path(__file__).parents[2] / "app" / "knowledge"
COMMANDS = {
    "notes.replayed": ("replay",),
    "rulebooks.compared": ("rulebook", "diff", str(KNOWLEDGE), str(KNOWLEDGE), "--no-solver"),
}


def told(database: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(database)) as opened:
        return list(opened.execute("SELECT action, actor FROM audit_events ORDER BY at"))


@pytest.mark.parametrize("action", COMMANDS)
def test_who_read_all_that_is_stored_is_told(run: Run, database: Path, action: str) -> None:
    assert run("migrate").exit_code == 0
    assert run(*COMMANDS[action]).exit_code == 0
    assert told(database)[-1] == (action, f"command-line:{pwd.getpwuid(os.getuid()).pw_name}")


def test_a_backup_holds_that_it_was_made(run: Run, database: Path, tmp_path: Path) -> None:
    assert run("migrate").exit_code == 0
    backup = tmp_path / "backup.sqlite3"
    assert run("backup", str(backup)).exit_code == 0
    assert [action for action, _ in told(backup)] == [action for action, _ in told(database)]
    assert told(backup)[-1][0] == "database.copied"
    before = told(database)
    assert run("backup", str(backup)).exit_code == 2
    assert told(database) == before


@only_postgres
def test_where_the_audit_cannot_be_told_it_is_said_and_the_work_is_done(
    run: Run, store_urls: StoreUrls, master_keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert master_keys
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", store_urls.service)
    monkeypatch.setenv("SPINE_TRIAGE_OWNER_DATABASE_URL", store_urls.owner)
    asyncio.run(_take_no_writes(store_urls.owner))
    replayed = run("replay", "--clinic", LOCAL_CLINIC)
    assert (replayed.exit_code, replayed.stdout) == (0, "0 notes made again; none differs.\n")
    assert "The audit of local could not be told of this" in replayed.stderr


async def _take_no_writes(owner_url: str) -> None:
    """As a standby does."""
    database = open_database(owner_url, KEYRING)
    try:
        await database.write(
            LOCAL_CLINIC,
            lambda unit: unit.connection.exec_driver_sql(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',"
                " current_database()); END $$"
            ).close(),
        )
    finally:
        await database.close()
