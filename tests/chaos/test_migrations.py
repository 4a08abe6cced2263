"""Migrations that are killed half-way, and several at once."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from app.access import Action
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST
from app.services.record import record
from app.store import StoredRevision, expected_revision, migrate, one_revision, open_database
from app.triage import Triage
from tests.chaos.effort import times
from tests.postgres.cluster import Cluster
from tests.processes.service import ROOT
from tests.stores import KEYRING, MASTER_KEYS, StoreUrls, make_call, make_service

OLD = "2026_11_23_consultations"
"""The schema of the first release, whose notes lay in the open: what comes after seals each of them."""

MANY = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """A database at the schema OLD with MANY consultations, and what they were when they were stored."""

    urls: StoreUrls
    stored: Sequence[StoredRevision]
    is_being_migrated: Callable[[], bool]
    version: Callable[[], str]

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(
            DATABASE_URL=self.urls.service, OWNER_DATABASE_URL=self.urls.owner, MASTER_KEYS=MASTER_KEYS
        )


def environment_of(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPINE_TRIAGE_")}
    return {**kept, "PYTHONPATH": str(ROOT), **{f"SPINE_TRIAGE_{name}": value for name, value in settings.items()}}


@pytest.fixture
def filled(store_urls: StoreUrls, tmp_path: Path, triage: Triage, request: pytest.FixtureRequest) -> Filled:
    stored = asyncio.run(fill(store_urls, triage))
    migrate(store_urls.owner, KEYRING, to=OLD)
    if store_urls.kind == "sqlite":
        file = tmp_path / "store.db"
        return Filled(store_urls, stored, lambda: is_locked(file), lambda: version_in(file))
    cluster: Cluster = request.getfixturevalue("cluster")
    name = store_urls.service.rpartition("/")[2]
    return Filled(
        store_urls,
        stored,
        lambda: cluster.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", name) != "0",
        lambda: cluster.execute("SELECT version_num FROM alembic_version", name),
    )


async def fill(urls: StoreUrls, triage: Triage) -> list[StoredRevision]:
    database = open_database(urls.service, KEYRING)
    try:
        service = make_service(database, triage)
        documents = (FIRST | {"patient": FIRST["patient"] | {"reference": f"MRN-{n}"}} for n in range(MANY))
        recording = [record(service, make_call(Action.CONSULTATION_RECORDED), each) for each in documents]
        return list(await asyncio.gather(*recording))
    finally:
        await database.close()


def is_locked(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def version_in(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(version)


def start_migration(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.main", "migrate"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_at_work(migration: subprocess.Popen[str], filled: Filled) -> None:
    """Wait until the migration has begun to change the database, or has ended."""
    deadline = monotonic() + 60
    while migration.poll() is None and not filled.is_being_migrated() and monotonic() < deadline:
        sleep(0.002)


def finish(*migrations: subprocess.Popen[str]) -> list[tuple[int, str]]:
    ended = [(*each.communicate(timeout=60), each.returncode) for each in migrations]
    return [(code, said) for _, said, code in ended]


def test_a_migration_that_is_killed_changes_nothing_and_two_at_once_finish_it(filled: Filled) -> None:
    random, killed, longest = Random(5), 0, 0.15
    while killed < times(1):
        migration = start_migration(filled.environment)
        until_at_work(migration, filled)
        with suppress(subprocess.TimeoutExpired):
            migration.wait(random.uniform(0, longest))
        migration.kill()
        finish(migration)
        if filled.version() == OLD:
            killed += 1
        else:
            assert filled.version() == expected_revision()
            longest /= 2  # it was done by then
            migrate(filled.urls.owner, KEYRING, to=OLD)
    assert finish(*(start_migration(filled.environment) for _ in range(2))) == [(0, "")] * 2
    assert filled.version() == expected_revision()
    asyncio.run(find_again(filled))
    replay = [sys.executable, "-m", "app.main", "replay"]
    said = subprocess.run(replay, env=filled.environment, capture_output=True, text=True, check=True).stdout
    assert f"{MANY} notes made again; none differs." in said


async def find_again(filled: Filled) -> None:
    database = open_database(filled.urls.service, KEYRING)
    try:
        for each in filled.stored:
            found = await database.read(LOCAL_CLINIC, one_revision, each.consultation_id, each.revision)
            assert (found.body, found.note, found.created_at) == (each.body, each.note, each.created_at)
    finally:
        await database.close()


def test_two_first_migrations_at_once_make_one_database_and_one_master_key(tmp_path: Path) -> None:
    file, keys = tmp_path / "store.db", tmp_path / "keys"
    environment = environment_of(DATABASE_URL=f"sqlite:///{file}", MASTER_KEY_FILE=str(keys))
    ended = finish(*(start_migration(environment) for _ in range(2)))
    assert [code for code, _ in ended] == [0, 0], ended
    assert version_in(file) == expected_revision()
    assert sum("A master key was made" in said for _, said in ended) == 1
