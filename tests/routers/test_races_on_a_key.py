"""Requests with one Idempotency-Key at the same time, in one process and in two."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from app.services.examples import FIRST
from tests.routers.retries import CONSULTATIONS, JSON, OTHER_BODY, TRIAGE, count, post, told


async def test_while_the_first_request_is_still_at_work_the_second_is_told_to_wait(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        begun.set()
        await go_on.wait()
        yield orjson.dumps(FIRST)

    headers = JSON | {"Idempotency-Key": "k"}
    async with asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(clinic.post(CONSULTATIONS, content=slowly(), headers=headers))
        await begun.wait()
        for body, address in ((FIRST, CONSULTATIONS), (OTHER_BODY, CONSULTATIONS), (FIRST, TRIAGE)):
            refused = await post(clinic, "k", body, address)
            assert (refused.status_code, refused.json()["code"]) == (409, "request-running")
            assert int(refused.headers["retry-after"]) > 0
        assert (await post(other, "k")).status_code == 201
        assert (await post(clinic, "k2")).status_code == 201
        go_on.set()
    assert slow.result().status_code == 201
    assert told(await post(clinic, "k")) == told(slow.result())


async def test_a_caller_who_hangs_up_leaves_the_key_free(clinic: httpx.AsyncClient) -> None:
    begun = asyncio.Event()

    async def unended() -> AsyncIterator[bytes]:
        yield b'{"complaint":'
        begun.set()
        await asyncio.Event().wait()

    headers = JSON | {"Idempotency-Key": "k"}
    leaving = asyncio.create_task(clinic.post(CONSULTATIONS, content=unended(), headers=headers))
    await begun.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    assert (await post(clinic, "k")).status_code == 201
    assert await count(clinic) == 1


@pytest.mark.parametrize("address", [CONSULTATIONS, TRIAGE])
async def test_of_fifty_requests_with_one_key_one_is_done(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient, address: str
) -> None:
    answers = await asyncio.gather(*(post([clinic, elsewhere][n % 2], "k", address=address) for n in range(50)))
    done = [answer for answer in answers if answer.is_success]
    assert Counter(answer.status_code for answer in answers if answer not in done).keys() <= {409}
    assert len({answer.content for answer in done}) == 1
    assert await count(clinic) == (1 if address == CONSULTATIONS else 0)
    assert told(await post(elsewhere, "k", address=address)) == told(done[0])


async def test_of_several_bodies_with_one_key_at_once_one_is_done(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    bodies = [FIRST | {"patient": {"age": 40 + number}} for number in range(10)]
    answers = await asyncio.gather(*(post([clinic, elsewhere][n % 2], "k", body) for n, body in enumerate(bodies)))
    (done,) = [n for n, answer in enumerate(answers) if answer.status_code == 201]
    assert {answer.status_code for n, answer in enumerate(answers) if n != done} <= {409, 422}
    assert told(await post(clinic, "k", bodies[done])) == told(answers[done])
    assert await count(clinic) == 1
