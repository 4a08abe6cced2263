from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from tests.chaos.effort import CHAOS
from tests.chaos.figures import HEAD, Figures
from tests.postgres.cluster import Cluster, DatabaseUrls
from tests.processes.disks import SmallDisk
from tests.stores import KEYRING

_FIGURES = Figures()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CHAOS and _FIGURES.rows:
        terminalreporter.section("what was broken")
        terminalreporter.write_line("\n".join([HEAD, *_FIGURES.rows]))


@pytest.fixture
def figures() -> Figures:
    """Where a test under load notes what it saw."""
    return _FIGURES


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def durable() -> Iterator[Cluster]:
    """A server to be broken. Whoever does so leaves it running."""
    with Cluster(durable=True) as running:
        yield running


@pytest.fixture(scope="session")
def durable_template(durable: Cluster) -> str:
    """The name of a migrated database there."""
    urls = durable.make_database()
    migrate(urls.owner, KEYRING)
    return urls.name


@pytest.fixture
def urls(durable: Cluster, durable_template: str) -> Iterator[DatabaseUrls]:
    """A migrated database there, of this test's own."""
    made = durable.make_database(durable_template)
    yield made
    durable.drop_database(made.name)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk that can be filled, where one may be mounted."""
    with SmallDisk(300) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated SQLite database of this test's own."""
    return shutil.copyfile(sqlite_template, tmp_path / "store.db")
