"""PostgreSQL for every test that asks: one server a session, one database a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.store import make_master_key, migrate, read_keyring
from tests.postgres.cluster import Cluster, DatabaseUrls


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server that the tests share. Whoever breaks one makes a `Cluster` of their own."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """The name of a database at the newest schema, for `cluster.make_database(migrated)`; nobody connects to it."""
    urls = cluster.make_database()
    # An empty database has nothing that was sealed, so that any ring of keys will do for those made from it.
    migrate(urls.owner, read_keyring(make_master_key("nothing-sealed")))
    return urls.name


@pytest.fixture
def postgres(cluster: Cluster, migrated: str) -> Iterator[DatabaseUrls]:
    """A database of this test's own, at the newest schema and empty."""
    urls = cluster.make_database(migrated)
    yield urls
    cluster.drop_database(urls.name)
