"""Changes to one consultation at the same time, in one process and in two; and pages of a list that grows meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, repeat
from typing import Any

import httpx
import orjson
import pytest

from app.services.examples import FIRST
from app.services.service import Service
from app.store import Database
from tests.routers.door import Door
from tests.routers.retries import CONSULTATIONS, post
from tests.stores import FIRST_MOMENT

PATCHES = 16
MERGE = {"Content-Type": "application/merge-patch+json"}
MINUTE = timedelta(minutes=1)


async def revise(client: httpx.AsyncClient, address: str, age: int, if_match: str) -> httpx.Response:
    patch = orjson.dumps({"patient": {"age": age}})
    return await client.patch(address, content=patch, headers=MERGE | {"If-Match": if_match})


async def test_of_many_changes_to_one_revision_exactly_one_is_made(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    stored = await post(clinic, None)
    address, tag = stored.headers["location"], stored.headers["etag"]
    clients = cycle((clinic, elsewhere))
    answers = await asyncio.gather(*(revise(next(clients), address, 30 + n, tag) for n in range(PATCHES)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: PATCHES - 1}
    assert {answer.json()["current"] for answer in answers if answer.status_code == 412} == {2}
    (made,) = [answer for answer in answers if answer.status_code == 200]
    assert made.headers["etag"] == '"2"'
    assert (await elsewhere.get(address)).content == made.content
    assert len((await clinic.get(f"{address}/notes")).json()["notes"]) == 2


async def test_changes_to_whichever_revision_is_the_newest_are_all_made_one_after_the_other(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    address = (await post(clinic, None)).headers["location"]
    clients = cycle((clinic, elsewhere))
    answers = await asyncio.gather(*(revise(next(clients), address, 30 + n, "*") for n in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["revision"] for answer in answers) == list(range(2, 10))
    notes = (await clinic.get(f"{address}/notes")).json()["notes"]
    assert [note["revision"] for note in notes] == list(range(1, 10))
    for answer in answers:
        assert (await clinic.get(answer.json()["links"]["note"])).json() == answer.json()["note"]


async def test_a_change_that_lost_the_race_can_be_sent_again_with_the_tag_it_is_told(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    address = (await post(clinic, None)).headers["location"]
    assert (await revise(elsewhere, address, 41, '"1"')).status_code == 200
    lost = await revise(clinic, address, 42, '"1"')
    assert lost.status_code == 412
    assert (await revise(clinic, address, 42, f'"{lost.json()["current"]}"')).status_code == 200


def going_on() -> Iterator[timedelta]:
    """A clock as it should be."""
    return (n * MINUTE for n in range(10_000))


def standing_still() -> Iterator[timedelta]:
    """One whose steps are too coarse for what happens between them."""
    return repeat(timedelta())


def stepping_back() -> Iterator[timedelta]:
    """One that is set back by an hour, again and again, and goes on from there."""
    return ((n - 60 * (n // 7)) * MINUTE for n in range(10_000))


def going_backwards() -> Iterator[timedelta]:
    return (-n * MINUTE for n in range(10_000))


@pytest.fixture(params=[going_on, standing_still, stepping_back, going_backwards], ids=lambda clock: clock.__name__)
async def erratic(
    service: Service, owned: Database, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of a service whose clock shows whatever it likes."""
    offsets: Iterator[timedelta] = request.param()
    door = Door(replace(service, now=lambda: FIRST_MOMENT + next(offsets)), owned)
    async with door.caller((await door.make_key()).text) as client:
        yield client
    await door.close()


@pytest.mark.parametrize("query", ["limit=2", "limit=3&settled=false", "limit=1&patient_reference=MRN-1042"])
async def test_pages_hold_each_consultation_once_while_others_are_added(erratic: httpx.AsyncClient, query: str) -> None:
    there = [(await post(erratic, None)).json()["id"] for _ in range(6)]
    seen: list[str] = []
    address: str | None = f"{CONSULTATIONS}?{query}"
    while address is not None:
        page: dict[str, Any] = (await erratic.get(address)).json()
        seen += [each["id"] for each in page["consultations"]]
        address = page["links"].get("next")
        if len(seen) < 2 * len(there):
            added = await post(erratic, None)
            await revise(erratic, added.headers["location"], 60, "*")
            await revise(erratic, f"{CONSULTATIONS}/{there[len(seen) % len(there)]}", 20 + len(seen), "*")
    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)


async def test_pages_hold_each_consultation_once_while_many_callers_add_others(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    there = {(await post(clinic, None)).json()["id"] for _ in range(12)}
    clients = cycle((clinic, elsewhere))
    seen: list[str] = []
    address: str | None = f"{CONSULTATIONS}?limit=5"
    while address is not None:
        client = next(clients)
        answer, *_ = await asyncio.gather(client.get(address), *(post(next(clients), None, FIRST) for _ in range(3)))
        page = answer.json()
        seen += [each["id"] for each in page["consultations"]]
        address = page["links"].get("next")
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
