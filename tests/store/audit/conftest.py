from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.store import migrate
from tests.postgres.cluster import Cluster
from tests.store.audit.trail import OLD, Trail


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def trail(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    """An audit in a database that the tests of a file share, each with clinics of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('audit') / 'store.db'}"
        migrate(url, OLD)
        opened = Trail(url, url, postgres=False)
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        urls = cluster.make_database(request.getfixturevalue("migrated"))
        opened = Trail(urls.service, urls.superuser, postgres=True)
    yield opened
    opened.close()
