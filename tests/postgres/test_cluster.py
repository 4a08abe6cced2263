from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.store import expected_revision
from tests.postgres.cluster import GROUP, OWNER, SERVICE, SUPERUSER, Cluster, DatabaseUrls
from tests.postgres.server import ClusterFailed

ROOT = Path(__file__).resolve().parents[2]

# Says where its server is, and is then killed with no chance to clear away.
KILLED = """
import sys
from tests.postgres.cluster import Cluster
cluster = Cluster()
print(cluster.folder, cluster.port, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def breakable() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


def test_a_database_belongs_to_the_owner_and_the_service_is_neither_owner_nor_superuser(cluster: Cluster) -> None:
    name = cluster.make_database().name
    cluster.execute(f"CREATE TABLE levels (name text); GRANT SELECT ON levels TO {GROUP}", name, OWNER)
    assert cluster.execute("SELECT count(*) FROM levels", name, SERVICE) == "0"
    for change in ("DROP TABLE levels", "CREATE TABLE other (name text)", "INSERT INTO levels VALUES ('L4-L5')"):
        with pytest.raises(ClusterFailed, match=r"must be owner|permission denied"):
            cluster.execute(change, name, SERVICE)
    mighty = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolsuper OR rolbypassrls OR rolcreaterole)"
    assert cluster.execute(mighty) == SUPERUSER
    cluster.drop_database(name)


async def test_the_driver_of_the_service_reaches_it(cluster: Cluster) -> None:
    engine = create_async_engine(make_url(cluster.url(SERVICE)).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_user")) == SERVICE
    await engine.dispose()


def test_a_copy_holds_what_its_template_held_and_belongs_to_the_owner(cluster: Cluster) -> None:
    template = cluster.make_database().name
    cluster.execute("CREATE TABLE levels AS SELECT 'L4-L5' AS name", template, OWNER)
    copy = cluster.make_database(template).name
    cluster.execute("ALTER TABLE levels RENAME TO segments", copy, OWNER)
    assert cluster.execute("SELECT name FROM segments", copy) == "L4-L5"
    assert cluster.execute("SELECT name FROM levels", template) == "L4-L5"
    for name in (template, copy):
        cluster.drop_database(name)
    assert not {template, copy} & set(cluster.execute("SELECT datname FROM pg_database").splitlines())


def test_each_test_gets_an_empty_database_at_the_newest_schema(cluster: Cluster, postgres: DatabaseUrls) -> None:
    assert cluster.execute("SELECT version_num FROM alembic_version", postgres.name) == expected_revision()
    assert cluster.execute("SELECT count(*) FROM consultations", postgres.name) == "0"


def test_what_was_committed_outlives_a_kill_and_the_port_stays(breakable: Cluster) -> None:
    urls = breakable.make_database()
    breakable.execute("CREATE TABLE levels (name text); INSERT INTO levels VALUES ('L4-L5')", urls.name)
    for _ in range(3):
        breakable.kill()
        with pytest.raises(ClusterFailed, match="Connection refused"):
            breakable.execute("SELECT 1")
        breakable.start()
        assert breakable.execute("SELECT name FROM levels", urls.name) == "L4-L5"
    assert "automatic recovery in progress" in breakable.log.read_text()


def test_a_restart_in_order_needs_no_recovery(breakable: Cluster) -> None:
    before = breakable.log.read_text().count("automatic recovery")
    breakable.restart()
    assert breakable.execute("SELECT 1") == "1"
    assert breakable.log.read_text().count("automatic recovery") == before


def test_a_halted_server_takes_up_where_it_stopped(breakable: Cluster) -> None:
    breakable.signal_all(signal.SIGSTOP)
    command = f"{breakable.programs / 'psql'} --no-psqlrc -At --dbname {breakable.url()} --command".split()
    with subprocess.Popen([*command, "SELECT 'late'"], stdout=subprocess.PIPE, text=True) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.2)
        breakable.signal_all(signal.SIGCONT)
        assert waiting.communicate(timeout=10)[0] == "late\n"


def test_a_setting_that_postgresql_refuses_is_told() -> None:
    with pytest.raises(ClusterFailed, match="shared_buffers"):
        Cluster({"shared_buffers": "plenty"})


def test_nothing_is_left_of_a_cluster_that_was_closed() -> None:
    with Cluster() as brief:
        assert brief.execute("SHOW server_version").startswith("18.")
        assert answers(brief.port)
    assert not brief.folder.exists()
    assert not answers(brief.port)


def test_a_cluster_dies_with_a_session_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout is not None
        folder, port = session.stdout.readline().split()
        assert answers(int(port))
        session.kill()
        # Whoever clears away holds the session's output open until it is done.
        assert session.stdout.read() == ""
    assert not Path(folder).exists()
    assert not answers(int(port))


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
