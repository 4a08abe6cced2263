"""Writing a SQLite file anew while another process empties its log."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from app.errors import StoreUnavailable
from app.store import migrate
from tests.stores import KEYRING

_EMPTYING = """
import fcntl, sys
log_index = open(sys.argv[1], "r+b")
fcntl.lockf(log_index, fcntl.LOCK_EX, 1, 121)  # SQLite's WAL_CKPT_LOCK
print("held", flush=True)
sys.stdin.read(1)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A migrated database that is still to be written anew."""
    file = tmp_path / "store.db"
    migrate(f"sqlite:///{file}", KEYRING)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    return file


@contextmanager
def another_that_empties_the_log(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("SELECT count(*) FROM patients")  # the log's index is there while somebody is connected
        command = [sys.executable, "-c", _EMPTYING, f"{file}-shm"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == b"held\n"
                yield process
            finally:
                process.kill()


def is_to_be_written_anew(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_migration_waits_for_another_process_that_empties_the_log(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_or_ended = Event()

    def wait(seconds: float) -> None:  # which it does once SQLite has answered that somebody else empties the log
        waits_or_ended.set()
        sleep(seconds)

    monkeypatch.setattr("app.store.sqlite.scrubbing.sleep", wait)
    with another_that_empties_the_log(file) as other, ThreadPoolExecutor(1) as thread:
        migration = thread.submit(migrate, f"sqlite:///{file}", KEYRING)
        migration.add_done_callback(lambda _: waits_or_ended.set())
        assert waits_or_ended.wait(60)
        assert not migration.done()
        assert is_to_be_written_anew(file)
        other.kill()
        migration.result(timeout=60)
    assert not is_to_be_written_anew(file)


def test_a_migration_that_cannot_wait_so_long_says_so_and_leaves_it_to_the_next_one(file: Path) -> None:
    with (
        another_that_empties_the_log(file),
        pytest.raises(StoreUnavailable, match="could not be emptied: migrate again"),
    ):
        migrate(f"sqlite:///{file}?timeout=0.1", KEYRING)
    assert is_to_be_written_anew(file)
    migrate(f"sqlite:///{file}", KEYRING)
    assert not is_to_be_written_anew(file)
