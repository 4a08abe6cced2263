"""Whoever asks too often is told when to come back, and nobody else is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import monotonic

import httpx
import orjson
import pytest

from app.access import Scope
from app.routers.edge import limits, minute
from app.services.examples import FIRST
from app.services.service import Service
from app.store import Database
from tests.routers.door import Door
from tests.routers.retries import post
from tests.stores import only_sqlite

pytestmark = only_sqlite

MOST, MOST_FAILURES = 5, 3


@pytest.fixture
async def door(service: Service, owned: Database) -> AsyncIterator[Door]:
    """An application that lets callers ask a few times a minute."""
    opened = Door(service, owned, rates=(MOST, MOST_FAILURES))
    yield opened
    await opened.close()


def assert_told_to_wait(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_a_caller_who_asks_too_often_is_told_to_wait_and_nothing_is_stored(
    door: Door, clinic: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    assert [(await post(clinic, None)).status_code for _ in range(MOST)] == [201] * MOST
    assert_told_to_wait(await post(clinic, None))
    async with door.caller((await door.make_key()).text) as colleague:
        assert len((await colleague.get("/v1/consultations")).json()["consultations"]) == MOST
    assert (await other.get("/v1/consultations")).status_code == 200


async def test_refused_requests_count_too(door: Door) -> None:
    key = await door.make_key(scopes=frozenset({Scope.TRIAGE}))
    async with door.caller(key.text) as client:
        assert [(await client.get("/v1/audit")).status_code for _ in range(MOST)] == [403] * MOST
        assert_told_to_wait(await client.get("/v1/audit"))


async def test_lines_of_a_batch_count_as_requests_and_wait_instead_of_being_refused(
    clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_time, waited = monotonic, [0.0]

    async def pass_time(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(minute, "monotonic", lambda: tell_time() + sum(waited))
    monkeypatch.setattr(limits, "sleep", pass_time)
    lines = b"\n".join([orjson.dumps(FIRST)] * (MOST + 1))
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await clinic.post("/v1/consultations:batch", content=lines, headers=headers)
    assert [orjson.loads(line)["status"] for line in answer.content.splitlines()] == [201] * (MOST + 1)
    assert sum(waited) >= 1
    assert_told_to_wait(await clinic.get("/v1/vocabulary"))


async def test_an_address_that_keeps_failing_to_say_who_it_is_is_told_to_wait(stranger: httpx.AsyncClient) -> None:
    answers = [await stranger.get("/v1/consultations") for _ in range(MOST_FAILURES)]
    assert {answer.status_code for answer in answers} == {401}
    assert_told_to_wait(await stranger.get("/v1/consultations"))
    assert (await stranger.get("/healthz")).status_code == 200


async def test_a_device_that_keeps_failing_locks_out_nobody_else_at_its_address(
    clinic: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    for _ in range(MOST_FAILURES):
        await stranger.get("/v1/consultations")
    assert_told_to_wait(await stranger.get("/v1/consultations"))
    assert (await clinic.get("/v1/consultations")).status_code == 200


async def test_beyond_the_limit_of_its_address_a_key_that_counts_still_does_and_a_revoked_one_waits(
    door: Door, stranger: httpx.AsyncClient
) -> None:
    revoked, new = await door.make_key(), await door.make_key()
    async with door.caller(revoked.text) as client, door.caller(new.text) as newcomer:
        await door.revoke(revoked)
        for _ in range(MOST_FAILURES):
            await stranger.get("/v1/vocabulary")
        assert_told_to_wait(await client.get("/v1/vocabulary"))
        assert_told_to_wait(await stranger.get("/v1/vocabulary"))
        assert (await newcomer.get("/v1/vocabulary")).status_code == 200
