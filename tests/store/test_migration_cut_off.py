"""Migrations in processes of their own: two at once, and others that die in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import migrate
from tests.postgres.cluster import Cluster
from tests.store.first_version import FEW, all_rows, change, fill_first_version
from tests.store.first_version_kept import check_whole
from tests.stores import KEYRING, MASTER_KEYS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60

_MIGRATE = """
import sys
from app.store import migrate, read_keyring
print("now", flush=True)
migrate(sys.argv[1], read_keyring(sys.argv[2]))
"""
_WAITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
"""


@contextmanager
def migrating(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has sealed half of the database, and waits."""
    settings = {"SPINE_TRIAGE_DATABASE_URL": url, "SPINE_TRIAGE_MASTER_KEYS": MASTER_KEYS}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.migrates_half_way"],
        cwd=ROOT,
        env=os.environ | settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "half way\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def test_a_migration_that_is_killed_in_the_middle_has_changed_nothing_and_can_begin_again(empty_url: str) -> None:
    fill_first_version(empty_url)
    before = all_rows(empty_url)
    with migrating(empty_url) as process:
        process.kill()
        assert process.wait(SECONDS) < 0
    assert all_rows(empty_url) == before
    migrate(empty_url, KEYRING)
    check_whole(empty_url, FEW)


_DIE_BEFORE_FILES_ARE_WRITTEN_ANEW = """
import os, signal, sys
from app.store import migrate, read_keyring
from app.store.postgres import scrubbing as postgres
from app.store.sqlite import scrubbing as sqlite
sqlite.write_anew = postgres.write_anew = lambda _: os.kill(os.getpid(), signal.SIGKILL)
migrate(sys.argv[1], read_keyring(sys.argv[2]))
"""


def test_a_migration_that_is_killed_once_all_is_sealed_leaves_the_files_to_the_next_one(
    empty_url: str, store_kind: str, tmp_path: Path
) -> None:
    fill_first_version(empty_url, 100)
    command = [sys.executable, "-c", _DIE_BEFORE_FILES_ARE_WRITTEN_ANEW, empty_url, MASTER_KEYS]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=SECONDS)
    assert killed.returncode == -signal.SIGKILL
    check_whole(empty_url, 100)
    written = "PRAGMA user_version" if store_kind == "sqlite" else "SELECT pg_relation_filenode('revisions')"
    before = answer(empty_url, written)
    migrate(empty_url, KEYRING)
    once = answer(empty_url, written)
    assert once != before
    migrate(empty_url, KEYRING)
    assert answer(empty_url, written) == once
    check_whole(empty_url, 100)
    if store_kind == "sqlite":
        assert not [file for file in tmp_path.glob("store.db*") if b"SECRET" in file.read_bytes()]


def answer(url: str, statement: str) -> object:
    return change(url, lambda connection: connection.execute(text(statement)).scalar_one())


def test_processes_that_migrate_a_filled_database_at_once_take_turns(empty_url: str) -> None:
    fill_first_version(empty_url)
    with migrating(empty_url) as first:
        others = [
            subprocess.Popen(
                [sys.executable, "-c", _MIGRATE, empty_url, MASTER_KEYS],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        for other in others:
            assert other.stdout is not None
            assert other.stdout.readline() == b"now\n"
        _, errors = first.communicate("go on\n", timeout=SECONDS)
        assert first.returncode == 0, errors
        for other in others:
            _, told = other.communicate(timeout=SECONDS)
            assert other.returncode == 0, told
    check_whole(empty_url, FEW)


@pytest.fixture
def breakable() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


@pytest.mark.parametrize("store_kind", ["postgres"])
def test_a_migration_whose_database_is_killed_in_the_middle_has_changed_nothing(
    breakable: Cluster, store_kind: str
) -> None:
    urls = breakable.make_database()
    fill_first_version(urls.owner)
    before = all_rows(urls.owner)
    with migrating(urls.owner) as process:
        pid = int(breakable.execute(_WAITING, urls.name))
        os.kill(pid, signal.SIGKILL)  # the server ends every other client with it, and recovers
        _, errors = process.communicate("go on\n", timeout=SECONDS)
        assert process.returncode == 3
        assert "Traceback" not in errors
    breakable.restart()
    assert all_rows(urls.owner) == before
    migrate(urls.owner, KEYRING)
    check_whole(urls.owner, FEW)
