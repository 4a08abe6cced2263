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

from app.store import migrate
from tests.postgres.cluster import Cluster
from tests.store.first_version import FEW, all_rows, fill_first_version
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
