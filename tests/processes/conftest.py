from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.service import RunningService
from tests.processes.site import Site, sqlite_site


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    """The SQLite database of this test's service."""
    return shutil.copyfile(sqlite_template, tmp_path / "store.db")


@pytest.fixture
def site(file: Path) -> Site:
    """An installation over `file`."""
    return sqlite_site(file)


@pytest.fixture
def service(site: Site) -> Iterator[RunningService]:
    """Its service, running."""
    with site.service() as running:
        yield running
