"""Migrations go up, down and up again, and end at the tables that the program is written for."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.engine import URL

from app.errors import StoreUnavailable
from app.models import metadata
from app.store import Database, expected_revision, migrate
from app.store.engine import open_migrator
from tests.store.samples import CONSULTATIONS, MORNING, judged, new_id

ROOT = Path(__file__).resolve().parents[2]


def schema(file: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    connection.close()
    return rows


def alembic(file: Path) -> Config:
    """Alembic as its own command line uses it."""
    config = Config(ROOT / "alembic.ini")
    config.cmd_opts = type("Options", (), {"x": [f"url=sqlite:///{file}"]})()
    return config


def check(url: str) -> None:
    async def opened() -> None:
        database = Database.open(url)
        try:
            await database.check()
        finally:
            await database.close()

    asyncio.run(opened())


def test_up_down_and_up_again_makes_the_same_schema(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    migrate(f"sqlite:///{file}")
    up = schema(file)
    assert {"consultations", "revisions", "notes", "note_categories", "rulebook_snapshots"} <= {row[1] for row in up}
    command.downgrade(alembic(file), "base")
    assert {row[1] for row in schema(file) if row[0] == "table"} == {"alembic_version"}
    command.upgrade(alembic(file), "head")
    assert schema(file) == up
    check(f"sqlite:///{file}")


def test_the_migrations_make_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    engine = open_migrator(url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


async def test_migrating_a_current_database_changes_nothing_in_it(database: Database, url: str, tmp_path: Path) -> None:
    this, before = new_id(), schema(tmp_path / "store.db")
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    await asyncio.to_thread(migrate, url)
    assert schema(tmp_path / "store.db") == before
    await database.check()
    assert (await database.read(CONSULTATIONS.newest, this)).body == judged().body


def test_processes_that_migrate_at_once_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    one = "import sys; from app.store import migrate; print(flush=True); sys.stdin.readline(); migrate(sys.argv[1])"
    processes = [
        subprocess.Popen([sys.executable, "-c", one, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # it has started
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    check(url)


@pytest.mark.parametrize("stored", [None, "1999_01_01_older", "2999_01_01_newer"], ids=["empty", "older", "newer"])
def test_a_schema_that_is_not_the_expected_one_is_refused(tmp_path: Path, stored: str | None) -> None:
    url, file = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "store.db"
    file.touch()
    if stored is not None:
        migrate(url)
        connection = sqlite3.connect(file)
        connection.execute("UPDATE alembic_version SET version_num = ?", [stored])
        connection.commit()
        connection.close()
    with pytest.raises(StoreUnavailable, match=expected_revision()):
        check(url)


@pytest.mark.parametrize("name", ["store.db", "a%20b?#.db", "no/such/folder/store.db"])
def test_a_database_that_is_not_there_is_not_made_by_looking_at_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    with pytest.raises(StoreUnavailable, match="spine-triage migrate"):
        check(URL.create("sqlite", database=str(file)).render_as_string())

    async def write() -> None:
        database = Database.open(URL.create("sqlite", database=str(file)).render_as_string())
        try:
            await database.write(CONSULTATIONS.add, new_id(), judged(), MORNING)
        finally:
            await database.close()

    with pytest.raises(StoreUnavailable):
        asyncio.run(write())
    assert list(tmp_path.iterdir()) == []


def test_migrating_into_a_folder_that_is_not_there_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in (f"sqlite:///{tmp_path}/no/such/store.db", "sqlite:///no/such/store.db"):
        with pytest.raises(StoreUnavailable, match=f"{tmp_path}/no/such"):
            migrate(url)
    assert list(tmp_path.iterdir()) == []


def test_asking_for_the_schema_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    caplog.set_level(logging.INFO)
    caplog.clear()
    check(url)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("alembic")] == []


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "store.db"
    migrate(url)
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '2999_01_01_newer'")
    connection.commit()
    connection.close()
    before = schema(file)
    with pytest.raises(StoreUnavailable, match="2999_01_01_newer"):
        migrate(url)
    assert schema(file) == before


def test_a_file_that_cannot_be_opened_or_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear colleague, " * 100)
    for file in ("no/such/folder/store.db", "letter.db"):
        url = f"sqlite:///{tmp_path / file}"
        for attempt in (migrate, check):
            with pytest.raises(StoreUnavailable):
                attempt(url)


def test_alembic_on_its_own_asks_which_database() -> None:
    with pytest.raises(CommandError, match="-x url="):
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
