from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.governance import read_rulebook_files
from app.models import LOCAL_CLINIC
from app.services.service import Service
from app.store import Database, migrate
from app.triage import Triage, load_rulebook

KNOWLEDGE = Path(__file__).parents[2] / "app" / "knowledge"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def triage() -> Triage:
    return Triage(load_rulebook(read_rulebook_files(KNOWLEDGE)))


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    return url


@pytest.fixture
async def service(url: str, triage: Triage) -> AsyncIterator[Service]:
    """A service over a database file of its own, on a clock that goes on by a minute whenever it is read."""
    database = Database.open(url)
    yield Service(
        triage=triage,
        database=database,
        today=lambda: date(2026, 11, 23),
        now=_ticking(),
        clinic=LOCAL_CLINIC,
        body_limit=1_048_576,
    )
    await database.close()


def _ticking() -> Callable[[], datetime]:
    moment = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def now() -> datetime:
        nonlocal moment
        moment += timedelta(minutes=1)
        return moment

    return now
