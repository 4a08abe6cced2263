"""A service that is told to stop finishes what it accepted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, suppress
from pathlib import Path
from time import sleep

import httpx
import pytest

from app.services.examples import FIRST
from tests.chaos.trial import Trial, postgres_trial, sqlite_trial
from tests.processes.breaking import hold_file, hold_tables
from tests.processes.service import RunningService

MANY = 6


@pytest.fixture(params=["sqlite", "postgres"])
async def held(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Trial, AbstractContextManager[None]]]:
    """A trial with one service, and what keeps its database from storing anything."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            file: Path = request.getfixturevalue("file")
            yield await stack.enter_async_context(sqlite_trial(file, request_seconds=20, patience=15)), hold_file(file)
        else:
            cluster, urls = request.getfixturevalue("durable"), request.getfixturevalue("urls")
            opened = postgres_trial(tmp_path, cluster, urls, request_seconds=20, services=1)
            yield await stack.enter_async_context(opened), hold_tables(cluster, urls.name, "consultations")


def wait_until_at_work(service: RunningService, headers: Mapping[str, str], many: int) -> None:
    """Wait until the service says that it is at work on so many requests, this one aside."""
    with httpx.Client(base_url=service.address, headers=headers, trust_env=False, timeout=30) as http:
        while f"spine_triage_in_flight {many + 1}.0" not in http.get("/metrics").text:
            sleep(0.02)


def wait_until_closed(port: int) -> None:
    """Wait until nobody takes connections there."""
    with suppress(ConnectionRefusedError):
        while True:
            socket.create_connection(("127.0.0.1", port)).close()
            sleep(0.02)


async def test_a_service_that_is_told_to_stop_answers_what_it_accepted_and_takes_nothing_more(
    held: tuple[Trial, AbstractContextManager[None]],
) -> None:
    trial, holding = held
    (service,) = trial.services
    async with httpx.AsyncClient(
        base_url=service.address, headers=trial.site.headers, trust_env=False, timeout=30
    ) as http:
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, holding)
            accepted = [asyncio.create_task(http.post("/v1/consultations", json=FIRST)) for _ in range(MANY)]
            await asyncio.to_thread(wait_until_at_work, service, trial.site.headers, MANY)
            stopping = asyncio.create_task(asyncio.to_thread(service.stop))
            await asyncio.to_thread(wait_until_closed, service.port)
            assert not any(task.done() for task in [*accepted, stopping])
        answers = await asyncio.gather(*accepted)
    assert [answer.status_code for answer in answers] == [201] * MANY
    assert await stopping == 0
    assert trial.site.rows("SELECT count(*) FROM consultations") == str(MANY)
