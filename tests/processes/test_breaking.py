from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tests.postgres.cluster import Cluster
from tests.postgres.server import ClusterFailed
from tests.processes.breaking import hold_tables, terminate_connections
from tests.processes.disks import SmallDisk, limit_files
from tests.processes.proxy import Proxy

UNTIL_THERE = """
DO $$ BEGIN
    WHILE NOT EXISTS (SELECT FROM levels) LOOP PERFORM pg_sleep(0.005); END LOOP;
END $$
"""


def connect(url: str) -> AsyncConnection:
    """A connection as the service makes them, not yet open."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    return engine.connect()


async def test_a_slow_way_delays_every_answer(cluster: Cluster) -> None:
    async with Proxy(cluster.port) as proxy, connect(proxy.through(cluster.url())) as connection:
        await connection.execute(text("SELECT 1"))
        proxy.delay = 0.05
        before = monotonic()
        assert await connection.scalar(text("SELECT 2")) == 2
        assert monotonic() - before >= 0.1
        proxy.delay = 0


async def test_a_cut_way_breaks_what_is_open_and_lets_new_connections_through(cluster: Cluster) -> None:
    async with Proxy(cluster.port) as proxy:
        url = proxy.through(cluster.url())
        async with connect(url) as connection:
            await connection.execute(text("SELECT 1"))
            proxy.cut()
            with pytest.raises(DBAPIError):
                await connection.execute(text("SELECT 1"))
        async with connect(url) as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        proxy.refuse()
        with pytest.raises((DBAPIError, OSError)):
            async with connect(url):
                pass
        proxy.accept()
        async with connect(url) as connection:
            assert await connection.scalar(text("SELECT 1")) == 1


async def test_a_commit_whose_answer_was_lost_is_a_commit_all_the_same(cluster: Cluster) -> None:
    name = cluster.make_database().name
    cluster.execute("CREATE TABLE levels (name text)", name)
    async with Proxy(cluster.port) as proxy:
        async with connect(proxy.through(cluster.url(database=name))) as connection:
            await connection.execute(text("INSERT INTO levels VALUES ('L4-L5')"))
            proxy.hold(answers_only=True)
            commit = asyncio.create_task(connection.commit())
            await asyncio.to_thread(cluster.execute, UNTIL_THERE, name)
            assert not commit.done()
            proxy.cut()
            with pytest.raises(DBAPIError):
                await commit
        proxy.release()
    assert cluster.execute("SELECT name FROM levels", name) == "L4-L5"
    cluster.drop_database(name)


async def test_connections_can_be_ended_from_the_database(cluster: Cluster) -> None:
    name = cluster.make_database().name
    async with connect(cluster.url(database=name)) as connection:
        await connection.execute(text("SELECT 1"))
        assert terminate_connections(cluster, name) == 1
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT 1"))
    cluster.drop_database(name)


def test_a_held_table_is_free_again_afterwards(cluster: Cluster) -> None:
    name = cluster.make_database().name
    cluster.execute("CREATE TABLE levels (name text)", name)
    with hold_tables(cluster, name, "levels"), pytest.raises(ClusterFailed, match="lock timeout"):
        cluster.execute("SET lock_timeout = '50ms'; SELECT * FROM levels", name)
    assert cluster.execute("SELECT count(*) FROM levels", name) == "0"
    cluster.drop_database(name)


def test_a_limit_to_files_stops_tables_from_growing_and_can_be_lifted(cluster: Cluster) -> None:
    name = cluster.make_database().name
    cluster.execute("CREATE TABLE levels (name text)", name)
    fill = "INSERT INTO levels SELECT repeat('L4-L5', 200) FROM generate_series(1, 20000)"
    # The size of a file of its log of writes: were those limited too, the server, which others share, would give up.
    limited = limit_files(cluster.processes, 16 * 1_048_576, cluster.account)
    with limited, pytest.raises(ClusterFailed, match="could not extend"):
        cluster.execute(fill, name)
    cluster.execute(fill, name)
    assert cluster.execute("SELECT count(*) FROM levels", name) == "20000"
    cluster.drop_database(name)


def test_a_cluster_on_a_full_disk_refuses_to_write_and_goes_on_when_there_is_room() -> None:
    with SmallDisk(200) as disk:
        if not disk.mounted:
            pytest.skip("nothing can be mounted here; the limit to files is tried all the same")
        with Cluster(durable=True, within=disk.folder) as cluster:
            cluster.execute("CREATE TABLE levels AS SELECT 'L4-L5' AS name")
            fill = "INSERT INTO levels SELECT repeat('L4-L5', 200) FROM generate_series(1, 50000)"
            with disk.full(), pytest.raises(ClusterFailed, match="No space left on device"):
                cluster.execute(fill)
            cluster.restart()
            assert cluster.execute("SELECT name FROM levels") == "L4-L5"
    assert not disk.folder.exists()
