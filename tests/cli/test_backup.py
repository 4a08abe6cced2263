from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.access import Action
from app.main import open_rooms
from app.services.examples import FIRST
from app.services.record import record
from app.store import expected_revision, make_master_key
from tests.cli.conftest import Run
from tests.stores import make_call, make_service


@pytest.fixture
def keys(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with this test's master keys."""
    file = tmp_path / "spine-triage.keys"
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEY_FILE", str(file))
    return file


@pytest.fixture
def stored(run: Run, keys: Path) -> None:
    """A database with one consultation."""
    assert run("migrate").exit_code == 0
    asyncio.run(_store())


async def _store() -> None:
    rooms = open_rooms()
    database = rooms.open_database()
    try:
        service = make_service(database, rooms.load_triage())
        await record(service, make_call(Action.CONSULTATION_RECORDED), FIRST)
    finally:
        await database.close()


def test_a_backup_is_the_whole_database_for_its_owner_alone_and_holds_no_master_key(
    run: Run, stored: None, keys: Path, database: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    done = run("backup", str(backup))
    assert done.exit_code == 0, done.output
    assert "without the master keys" in done.stdout
    assert backup.stat().st_mode & 0o777 == 0o600
    secret = keys.read_text().strip().rpartition(":")[2]
    assert secret.encode() not in backup.read_bytes()
    assert sorted(file.name for file in tmp_path.glob("backup*")) == [backup.name]
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(backup)) as copy:
        assert list(copy.iterdump()) == list(live.iterdump())


def test_a_backup_takes_the_place_of_a_lost_database(run: Run, stored: None, database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite3"
    assert run("backup", str(backup)).exit_code == 0
    for lost in tmp_path.glob(f"{database.name}*"):
        lost.unlink()
    assert run("replay").exit_code == 3
    shutil.copyfile(backup, database)
    assert run("replay").stdout == "1 note made again; none differs.\n"


def test_a_file_that_is_there_is_never_overwritten(run: Run, stored: None, database: Path, tmp_path: Path) -> None:
    (tmp_path / "earlier").write_text("an earlier backup")
    (tmp_path / "halted.unfinished").write_text("half of one")
    for name in ("earlier", "halted", database.name):
        refused = run("backup", str(tmp_path / name))
        assert refused.exit_code == 2
        assert "is there" in refused.stderr
    assert (tmp_path / "earlier").read_text() == "an earlier backup"
    assert (tmp_path / "halted.unfinished").read_text() == "half of one"
    assert run("replay").exit_code == 0


def test_a_backup_that_fails_leaves_nothing_behind(run: Run, stored: None, database: Path, tmp_path: Path) -> None:
    nowhere = run("backup", str(tmp_path / "nowhere" / "backup"))
    assert nowhere.exit_code == 2
    assert "no such file or directory" in nowhere.stderr
    with database.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 4 * 4096)
    damaged = run("backup", str(tmp_path / "backup"))
    assert damaged.exit_code == 3
    assert "Traceback" not in damaged.stderr
    database.unlink()
    missing = run("backup", str(tmp_path / "backup"))
    assert missing.exit_code == 3
    assert "there is no database file yet" in missing.stderr
    assert list(tmp_path.glob("backup*")) == []


def test_a_backup_of_an_older_schema_can_be_made_before_it_is_migrated(
    run: Run, keys: Path, database: Path, tmp_path: Path
) -> None:
    assert run("migrate").exit_code == 0
    assert run("migrate", "--to", "2026_11_23_consultations", "--yes").exit_code == 0
    assert run("backup", str(tmp_path / "backup")).exit_code == 0
    shutil.move(tmp_path / "backup", database)
    assert run("migrate").stdout == f"The database's schema is {expected_revision()}, the newest.\n"


def test_postgresql_has_programs_of_its_own_for_this(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", "postgresql://triage:secret@127.0.0.1/triage")
    refused = run("backup", str(tmp_path / "backup"))
    assert refused.exit_code == 2
    assert "pg_dump" in refused.stderr
    assert "secret" not in refused.output


def test_a_backup_with_other_master_keys_or_none_says_what_is_missing(
    run: Run, stored: None, keys: Path, database: Path, tmp_path: Path
) -> None:
    right = keys.read_text()
    key_id = right.splitlines()[-1].partition(":")[0]
    for wrong, words in {
        make_master_key("other"): f"under the master key {key_id}, which is not among those given",
        make_master_key(key_id): "another key had that id",
    }.items():
        keys.write_text(wrong)
        replayed = run("replay")
        assert replayed.exit_code == 2
        assert words in replayed.stderr
        assert wrong.rpartition(":")[2] not in replayed.output
        assert run("master-key", "status").exit_code != 0
    keys.unlink()
    for command in ("migrate", "serve", "replay"):
        refused = run(command)
        assert refused.exit_code == 2
        assert "bring back" in refused.stderr
    assert not keys.exists()
    keys.write_text(right)
    assert run("replay").exit_code == 0
