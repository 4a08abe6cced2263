from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.governance import read_rulebook_files
from app.models import LOCAL_CLINIC
from app.routers.service import build_service
from app.services.service import Service
from app.store import Database, migrate
from app.triage import Triage, load_rulebook

Send = Callable[..., httpx.Response]

KNOWLEDGE = Path(__file__).parents[2] / "app" / "knowledge"
FIRST_MOMENT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def send() -> Send:
    """Send one request to an app in this process: `send(app, method, path, **arguments of httpx)`."""

    def send_one(app: FastAPI, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(exchange())

    return send_one


@pytest.fixture(scope="session")
def triage() -> Triage:
    return Triage(load_rulebook(read_rulebook_files(KNOWLEDGE)))


@pytest.fixture
async def service(tmp_path: Path, triage: Triage) -> AsyncIterator[Service]:
    """A service over a database file of its own, on a clock that goes on by an hour whenever it is read."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    database = Database.open(url)
    hours = count()
    yield Service(
        triage=triage,
        database=database,
        today=lambda: date(2026, 11, 23),
        now=lambda: FIRST_MOMENT + timedelta(hours=next(hours)),
        clinic=LOCAL_CLINIC,
        body_limit=1_048_576,
    )
    await database.close()


@pytest.fixture
async def clinic(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the whole application."""
    transport = httpx.ASGITransport(build_service(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
        yield client
