from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models import LOCAL_CLINIC
from app.store import Database
from tests.postgres.cluster import Cluster
from tests.store.samples import keep_rulebook
from tests.stores import OTHER_CLINIC


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(database: Database) -> Database:
    """The database, where both clinics keep the rulebook that the samples were judged with."""
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
        await keep_rulebook(database, clinic)
    return database


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
