from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.models import LOCAL_CLINIC
from app.store import Database, Rulebooks, migrate
from tests.store.samples import DIGEST


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A migrated database file of its own. Waits a tenth of a second for a lock, not five."""
    url = f"sqlite:///{tmp_path / 'store.db'}?timeout=0.1"
    migrate(url)
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database.open(url)
    await opened.write(Rulebooks(LOCAL_CLINIC).keep_snapshot, DIGEST, "2026.11", {"lumbar.yaml": "rules: []\n"})
    yield opened
    await opened.close()
