"""Backup and restore as docs/operating.md says, while the service is writing."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.running import find_complaints, run_here
from tests.postgres.cluster import OWNER, Cluster, DatabaseUrls
from tests.postgres.installation import Installation, find_port
from tests.postgres.server import ClusterFailed, Server
from tests.processes.load import Load
from tests.processes.record import Record
from tests.processes.service import RunningService
from tests.processes.verdict import find_faults, read_sqlite
from tests.stores import MASTER_KEYS

SETTINGS = {"MASTER_KEYS": MASTER_KEYS, "RATE_PER_MINUTE": "0", "LOG_LEVEL": "warning"}


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    return shutil.copyfile(sqlite_template, tmp_path / "store.db")


@pytest.fixture
def desk(file: Path) -> dict[str, str]:
    """The settings of an installation over `file`."""
    return SETTINGS | {"DATABASE_URL": f"sqlite:///{file}"}


@pytest.fixture
def urls(cluster: Cluster, postgres_template: str) -> Iterator[DatabaseUrls]:
    made = cluster.make_database(postgres_template)
    yield made
    cluster.drop_database(made.name)


@pytest.fixture
def clinic(urls: DatabaseUrls) -> dict[str, str]:
    """The settings of an installation over a PostgreSQL database."""
    return SETTINGS | {"DATABASE_URL": urls.service, "OWNER_DATABASE_URL": urls.owner}


def make_headers(settings: Mapping[str, str]) -> dict[str, str]:
    """What a caller sends, with an API key of its own."""
    made = run_here(settings, "keys", "create", "--name", "load")
    assert made.exit_code == 0, made.output
    return {"Authorization": f"Bearer {made.stdout.splitlines()[0]}"}


async def test_a_backup_of_a_busy_sqlite_database_holds_all_that_was_acknowledged_before_it(
    desk: dict[str, str], file: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    headers = await asyncio.to_thread(make_headers, desk)
    with RunningService(tmp_path, desk) as service:
        record = await back_up_under_load(service, headers, lambda: run_here(desk, "backup", str(backup)))
        service.kill()
        for lost in file.parent.glob(f"{file.name}*"):
            lost.unlink()
        shutil.copyfile(backup, file)
        service.start()
        assert await find_faults(record, service, read_sqlite(file), headers, checks=()) == []
    assert await asyncio.to_thread(find_complaints, desk) == []


async def test_backups_of_a_busy_postgresql_database_hold_all_that_was_acknowledged_before_them(
    cluster: Cluster, urls: DatabaseUrls, clinic: dict[str, str], tmp_path: Path
) -> None:
    dump, copy = tmp_path / "backup.dump", cluster.folder / "copy" / "data"

    def back_up() -> None:
        cluster.run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={urls.owner}")
        _copy_cluster(cluster, copy)

    headers = await asyncio.to_thread(make_headers, clinic)
    with RunningService(tmp_path, clinic) as service:
        record = await back_up_under_load(service, headers, back_up)
        service.kill()
        cluster.drop_database(urls.name)
        cluster.execute(f"CREATE DATABASE {urls.name} OWNER {OWNER}")
        cluster.run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={urls.owner}", dump)
        service.start()
        assert await find_faults(record, service, lambda sql: cluster.execute(sql, urls.name), headers, checks=()) == []
    assert await asyncio.to_thread(find_complaints, clinic) == []

    with _serve(cluster, copy) as port:
        service_url, owner_url, any_url = (
            url.replace(f":{cluster.port}/", f":{port}/") for url in (urls.service, urls.owner, urls.superuser)
        )
        sql = "SELECT consultation_id, revision FROM notes"
        there = set(cluster.run("psql", "-XqAt", "--dbname", any_url, "--command", sql).splitlines())
        assert {f"{each.id}|{each.revision}" for each in record.acknowledged} <= there
        settings = clinic | {"DATABASE_URL": service_url, "OWNER_DATABASE_URL": owner_url}
        assert await asyncio.to_thread(find_complaints, settings) == []


def test_a_dump_as_the_service_is_refused_and_never_holds_only_a_part(
    cluster: Cluster, urls: DatabaseUrls, tmp_path: Path
) -> None:
    with pytest.raises(ClusterFailed, match="row-level security"):
        cluster.run("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", f"--dbname={urls.service}")


async def back_up_under_load(
    service: RunningService, headers: Mapping[str, str], back_up: Callable[[], object]
) -> Record:
    """Run `back_up` while clients go on storing: what has to be in the backup, and as `unknown` what may be in it."""
    load = Load([service.address], headers)
    async with load.running(clients=4) as record:
        await load.wait_for(30)
        before = list(record.acknowledged)
        await asyncio.to_thread(back_up)
        await load.wait_for(20)
    later = {each.key: each.sent for each in record.acknowledged[len(before) :] if each.key is not None}
    return Record(acknowledged=before, unknown=later | record.unknown, surprises=record.surprises)


def _copy_cluster(cluster: Cluster, to: Path) -> None:
    """A base backup, as the account that the server runs as."""
    to.parent.mkdir()
    if cluster.account:
        os.chown(to.parent, cluster.account["user"], cluster.account["group"])
    program = str(cluster.programs / "pg_basebackup")
    command = [program, f"--pgdata={to}", f"--dbname={cluster.url()}", "--checkpoint=fast"]
    subprocess.run(command, check=True, capture_output=True, **cluster.account)


@contextmanager
def _serve(cluster: Cluster, copy: Path) -> Iterator[int]:
    """A server over a base backup; its port."""
    port = find_port()
    with (copy / "postgresql.conf").open("a") as settings:
        settings.write(f"port = '{port}'\n")
    restored = Server(Installation(cluster.programs, cluster.account), copy)
    restored.start()
    try:
        yield port
    finally:
        restored.stop()
        shutil.rmtree(copy.parent)
