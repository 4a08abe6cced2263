"""PostgreSQL for every test that asks: one server a session, one database a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server that the tests share. Whoever breaks one makes a `Cluster` of their own."""
    with Cluster() as running:
        yield running
