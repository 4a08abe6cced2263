"""Databases for tests of what stands upon the store: each test runs on SQLite and on PostgreSQL.

Every database is migrated, empty, this test's own, and has the clinics `local` and `other`. `only_sqlite` and
`only_postgres` mark a test that is about one of the two.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from app.access import Action, Caller, CallerKind, Scope
from app.models import LOCAL_CLINIC
from app.services.call import Call
from app.services.service import Service
from app.store import Database, make_master_key, migrate, open_clinic, open_database, read_keyring
from app.triage import Triage
from tests.postgres.cluster import Cluster

OTHER_CLINIC: Final = "other"
MASTER_KEYS: Final = make_master_key("k1")
"""As SPINE_TRIAGE_MASTER_KEYS takes them, for a process that is to read what a test stored."""
KEYRING: Final = read_keyring(MASTER_KEYS)
TODAY: Final = date(2026, 11, 23)
FIRST_MOMENT: Final = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

only_sqlite = pytest.mark.parametrize("store_kind", ["sqlite"])
only_postgres = pytest.mark.parametrize("store_kind", ["postgres"])


@dataclass(frozen=True, slots=True)
class StoreUrls:
    """One database, as the service and as the tables' owner reach it; on SQLite that is the same."""

    kind: str
    service: str
    owner: str


@pytest.fixture(params=["sqlite", "postgres"])
def store_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with both clinics, to be copied."""
    file = tmp_path_factory.mktemp("template") / "store.db"
    migrate(f"sqlite:///{file}", KEYRING)
    _open_other(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(cluster: Cluster, migrated: str) -> str:
    """The name of a database with both clinics, to be copied."""
    urls = cluster.make_database(migrated)
    _open_other(urls.owner)
    return urls.name


def _open_other(owner_url: str) -> None:
    """In a thread of its own, because whoever asks for the template first may be in an event loop."""

    async def open_it() -> None:
        database = open_database(owner_url, KEYRING)
        try:
            await database.write(OTHER_CLINIC, open_clinic, "The other clinic", FIRST_MOMENT)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_it()).result()


@pytest.fixture
def store_urls(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUrls]:
    """A database of this test's own. On SQLite its file is `store.db` in `tmp_path`."""
    if store_kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "store.db")
        url = f"sqlite:///{tmp_path / 'store.db'}"
        yield StoreUrls(store_kind, url, url)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    urls = cluster.make_database(request.getfixturevalue("postgres_template"))
    yield StoreUrls(store_kind, urls.service, urls.owner)
    cluster.drop_database(urls.name)


@pytest.fixture
def empty_url(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that was never migrated, as its owner reaches it. On SQLite its file is not there yet."""
    if store_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    urls = cluster.make_database()
    yield urls.owner
    cluster.drop_database(urls.name)


@pytest.fixture
async def database(store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The database as the service reaches it."""
    opened = open_database(store_urls.service, KEYRING)
    yield opened
    await opened.close()


@pytest.fixture
async def owned(store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The database of `database`, as an operator's commands reach it."""
    opened = open_database(store_urls.owner, KEYRING, patient=True)
    yield opened
    await opened.close()


@pytest.fixture
def service(database: Database, triage: Triage) -> Service:
    """A service over `database`, on 23 November 2026, whose clock goes on by a minute whenever it is read."""
    return make_service(database, triage)


def make_service(database: Database, triage: Triage, now: Callable[[], datetime] | None = None) -> Service:
    """A service on TODAY, by a clock of its own unless one is given."""
    return Service(
        triage=triage,
        database=database,
        today=lambda: TODAY,
        now=ticking() if now is None else now,
        body_limit=1_048_576,
    )


def ticking(step: timedelta = timedelta(minutes=1), start: datetime = FIRST_MOMENT) -> Callable[[], datetime]:
    """A clock that goes on by `step` whenever it is read; it reads `start + step` first."""
    moment = start

    def now() -> datetime:
        nonlocal moment
        moment += step
        return moment

    return now


def make_call(
    action: Action,
    *,
    clinic: str = LOCAL_CLINIC,
    target: str | None = None,
    idempotency_key: str | None = None,
) -> Call:
    """A call of a clinic's software that may do everything."""
    caller = Caller(clinic, CallerKind.API_KEY, f"key-of-{clinic}", frozenset(Scope))
    return Call(
        caller, action, target=target, address="127.0.0.1", request_id="request-1", idempotency_key=idempotency_key
    )
