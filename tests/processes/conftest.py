from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.service import RunningService


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The SQLite database of this test's service."""
    return tmp_path / "store.sqlite3"


@pytest.fixture
def service(tmp_path: Path, file: Path) -> Iterator[RunningService]:
    """A service over a database file of its own, running."""
    with RunningService(
        tmp_path, {"DATABASE_URL": f"sqlite:///{file}?timeout=0.2", "MIGRATE_ON_START": "true"}
    ) as running:
        yield running
