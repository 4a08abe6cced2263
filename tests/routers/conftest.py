from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.services.service import Service
from app.store import Database, open_database
from app.triage import Triage
from tests.routers.door import BASE, Door
from tests.stores import FIRST_MOMENT, KEYRING, OTHER_CLINIC, TODAY, StoreUrls, make_service, ticking

Send = Callable[..., httpx.Response]

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def send() -> Send:
    """Send one request to an app in this process: `send(app, method, path, **arguments of httpx)`."""

    def send_one(app: FastAPI, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(exchange())

    return send_one


@pytest.fixture(scope="session")
def idle_service(triage: Triage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose store nobody asks, for an application that is not the whole one."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('idle') / 'store.db'}", KEYRING)
    yield make_service(database, triage)
    asyncio.run(database.close())


@pytest.fixture
def service(database: Database, triage: Triage) -> Service:
    """A service on a clock that shows FIRST_MOMENT first, and goes on by an hour whenever it is read."""
    return make_service(database, triage, ticking(AN_HOUR, FIRST_MOMENT - AN_HOUR))


@pytest.fixture
async def door(service: Service, owned: Database) -> AsyncIterator[Door]:
    """The whole application over the service."""
    opened = Door(service, owned)
    yield opened
    await opened.close()


@pytest.fixture
async def beside(store_urls: StoreUrls, triage: Triage, owned: Database) -> AsyncIterator[Door]:
    """The same application once more over the same database, as another process would have it; a day later."""
    database = open_database(store_urls.service, KEYRING)
    tomorrow = make_service(database, triage, ticking(AN_HOUR, FIRST_MOMENT + timedelta(days=1)))
    opened = Door(replace(tomorrow, today=lambda: TODAY + timedelta(days=1)), owned)
    yield opened
    await opened.close()
    await database.close()


@pytest.fixture
async def clinic(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the clinic `local` who may do everything."""
    async with door.caller((await door.make_key()).text) as client:
        yield client


@pytest.fixture
async def other(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the other clinic who may do everything there."""
    async with door.caller((await door.make_key(OTHER_CLINIC)).text) as client:
        yield client


@pytest.fixture
async def stranger(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without credentials."""
    async with door.caller(None) as client:
        yield client


@pytest.fixture
async def elsewhere(beside: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the same clinic in another process."""
    async with beside.caller((await beside.make_key()).text) as client:
        yield client
