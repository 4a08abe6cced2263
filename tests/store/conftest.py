from __future__ import annotations

import pytest

from app.models import LOCAL_CLINIC
from app.store import Database
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
