from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from app.models import LOCAL_CLINIC
from app.store import Database, Event, Unit, add_event, open_database
from app.store.audit import Finding, Sealing, Verdict, seal_events, verify
from app.store.audit.sealing import LATE
from tests.stores import FIRST_MOMENT, KEYRING, StoreUrls

DONE = Event("note.read", "done", "api_key", "front-desk")
A_MINUTE = timedelta(minutes=1)


async def add(database: Database, at: datetime, events: int = 1) -> None:
    def write(unit: Unit) -> None:
        for number in range(events):
            add_event(unit, DONE, at + number * timedelta(milliseconds=1))

    await database.write(LOCAL_CLINIC, write)


async def seal(database: Database, at: datetime, most: int = 100) -> Sealing:
    return await database.write(LOCAL_CLINIC, seal_events, at, most=most)


async def look(database: Database) -> Verdict:
    found: list[Finding] = []
    verdict = await database.read(LOCAL_CLINIC, verify, found.append)
    assert found == []
    return verdict


@pytest.fixture
async def second(store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The same database, as another process of the service has it."""
    opened = open_database(store_urls.service, KEYRING)
    yield opened
    await opened.close()


async def test_a_seal_covers_every_event_once_and_the_next_only_what_came_since(database: Database) -> None:
    await add(database, FIRST_MOMENT, 3)
    first = (await seal(database, FIRST_MOMENT + A_MINUTE)).seal
    assert first is not None
    assert (first.number, first.events) == (1, 3)
    assert (await seal(database, FIRST_MOMENT + A_MINUTE)).seal is None
    await add(database, FIRST_MOMENT + A_MINUTE)
    second = (await seal(database, FIRST_MOMENT + 2 * A_MINUTE)).seal
    assert second is not None
    assert (second.number, second.events, second.previous) == (2, 1, first.anchor.digest)
    verdict = await look(database)
    assert (verdict.seals, verdict.sealed, verdict.unsealed, verdict.newest) == (2, 4, 0, second.anchor)


async def test_more_events_than_a_seal_holds_go_under_several_each_from_where_the_last_ended(
    database: Database,
) -> None:
    await add(database, FIRST_MOMENT, 7)
    done, since = [], None
    for _ in range(4):
        sealing = await database.write(LOCAL_CLINIC, seal_events, FIRST_MOMENT + A_MINUTE, most=3, since=since)
        done.append(0 if sealing.seal is None else sealing.seal.events)
        since = sealing.upto
    assert done == [3, 3, 1, 0]
    assert (await look(database)).sealed == 7


async def test_an_event_that_commits_late_goes_under_the_next_seal(database: Database) -> None:
    await add(database, FIRST_MOMENT + LATE)
    await seal(database, FIRST_MOMENT + LATE)
    await add(database, FIRST_MOMENT + A_MINUTE)
    late = (await seal(database, FIRST_MOMENT + LATE + A_MINUTE)).seal
    assert late is not None
    assert late.events == 1
    assert (await look(database)).unsealed == 0


async def test_an_event_of_a_clock_that_was_far_behind_is_counted_and_sealed_when_everything_is(
    database: Database,
) -> None:
    await add(database, FIRST_MOMENT)
    await seal(database, FIRST_MOMENT)
    await add(database, FIRST_MOMENT - 2 * LATE)
    assert (await seal(database, FIRST_MOMENT + A_MINUTE)).seal is None
    assert (await look(database)).unsealed == 1
    everything = await database.write(LOCAL_CLINIC, seal_events, FIRST_MOMENT + A_MINUTE, everything=True)
    assert everything.seal is not None
    assert (await look(database)).unsealed == 0


async def test_a_seal_made_while_the_clock_was_far_ahead_keeps_no_event_from_the_next(database: Database) -> None:
    await add(database, FIRST_MOMENT)
    await seal(database, FIRST_MOMENT + 400 * LATE)
    await add(database, FIRST_MOMENT + A_MINUTE)
    assert (await seal(database, FIRST_MOMENT + 2 * A_MINUTE)).seal is not None
    assert (await look(database)).unsealed == 0


async def test_two_processes_that_write_and_seal_at_once_cover_every_event_once(
    database: Database, second: Database
) -> None:
    async def work(store: Database, offset: int) -> list[Sealing]:
        done = []
        for number in range(6):
            await add(store, FIRST_MOMENT + (2 * number + offset) * A_MINUTE, 5)
            done += await asyncio.gather(*(seal(store, FIRST_MOMENT + 20 * A_MINUTE, most=7) for _ in range(2)))
        return done

    done = [each for part in await asyncio.gather(work(database, 0), work(second, 1)) for each in part]
    while (last := await seal(database, FIRST_MOMENT + 20 * A_MINUTE)).seal is not None:
        done.append(last)
    seals = [each.seal for each in done if each.seal is not None]
    assert sorted(each.number for each in seals) == list(range(1, len(seals) + 1))
    verdict = await look(database)
    assert (verdict.seals, verdict.sealed, verdict.unsealed) == (len(seals), 60, 0)
