"""Nobody holds the one writer for ever: a caller who reads for too long is ended, and those who wait are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from app.errors import StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Database, Unit, open_database
from app.store.sqlite.database import SqliteDatabase
from app.store.sqlite.writer import TOGETHER_SECONDS
from tests.store.samples import add, add_in, keep_rulebook, new_id
from tests.store.sqlite.test_writer import held, stored_ids
from tests.stores import KEYRING, StoreUrls, only_sqlite

pytestmark = only_sqlite

SECONDS = 0.3
LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000000) SELECT max(i) FROM n")
SHORT = text("SELECT 1")


@pytest.fixture
async def hurried(store_urls: StoreUrls) -> AsyncIterator[Database]:
    """A database that one caller may hold for 0.3 seconds."""
    opened = SqliteDatabase(store_urls.service, KEYRING, held_seconds=SECONDS)
    await keep_rulebook(opened, LOCAL_CLINIC)
    yield opened
    await opened.close()


def read_for_long(unit: Unit) -> None:
    unit.connection.execute(LONG).all()


def read_often(unit: Unit) -> None:
    """Little by SQLite, much by Python: an export that opens one sealed body after the other."""
    while True:
        unit.connection.execute(SHORT).all()
        sleep(0.01)


@pytest.mark.parametrize("reading", [read_for_long, read_often])
async def test_a_read_in_a_write_s_transaction_is_ended_and_whoever_shares_its_commit_is_stored(
    hurried: Database, reading: object
) -> None:
    before, after = new_id(), new_id()

    def store_and_read(unit: Unit) -> None:
        add_in(unit, new_id())
        read_for_long(unit) if reading is read_for_long else read_often(unit)

    release = await held(hurried)
    began = monotonic()
    queued = [
        asyncio.ensure_future(add(hurried, before)),
        asyncio.ensure_future(hurried.write(LOCAL_CLINIC, store_and_read)),
        asyncio.ensure_future(add(hurried, after)),
    ]
    await asyncio.sleep(0)
    await release()
    with pytest.raises(StoreUnavailable, match=r"held for more than 0\.3 seconds"):
        await queued[1]
    await asyncio.gather(queued[0], queued[2])
    assert monotonic() - began < SECONDS + 2
    assert await stored_ids(hurried) == {before, after}


async def test_a_statement_that_writes_is_not_cut_off_since_that_would_undo_what_others_wrote(
    hurried: Database,
) -> None:
    before = new_id()
    many = text(
        "INSERT INTO filler WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000)"
        " SELECT i FROM n"
    )

    def write_for_long(unit: Unit) -> None:
        unit.connection.execute(text("CREATE TABLE filler (i INTEGER)"))
        began = monotonic()
        unit.connection.execute(many)
        assert monotonic() - began > SECONDS
        add_in(unit, new_id())

    release = await held(hurried)
    queued = [
        asyncio.ensure_future(add(hurried, before)),
        asyncio.ensure_future(hurried.write(LOCAL_CLINIC, write_for_long)),
    ]
    await asyncio.sleep(0)
    await release()
    await queued[0]
    with pytest.raises(StoreUnavailable, match="held for more than"):
        await queued[1]
    assert await stored_ids(hurried) == {before}


async def test_those_who_come_before_a_slow_one_do_not_wait_for_the_slow_ones_behind_it(hurried: Database) -> None:
    finished: list[str] = []

    async def note(name: str, seconds: float) -> None:
        await hurried.write(LOCAL_CLINIC, lambda _: sleep(seconds))
        finished.append(name)

    release = await held(hurried)
    tasks = [asyncio.ensure_future(note(name, 2 * TOGETHER_SECONDS)) for name in "abc"]
    await asyncio.sleep(0)
    await release()
    await tasks[0]
    assert finished == ["a"]
    await asyncio.gather(*tasks)
    assert finished == ["a", "b", "c"]


async def test_an_operator_s_command_may_take_as_long_as_it_takes(
    store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.opening.HELD_SECONDS", SECONDS)
    count = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) SELECT max(i) FROM n"
    )

    def read(unit: Unit) -> float:
        began = monotonic()
        assert unit.connection.execute(count).scalar() == 5_000_000
        return monotonic() - began

    commands, service = (
        open_database(store_urls.owner, KEYRING, patient=True),
        open_database(store_urls.service, KEYRING),
    )
    try:
        assert await commands.write(LOCAL_CLINIC, read) > SECONDS
        with pytest.raises(StoreUnavailable, match="held for more than"):
            await service.write(LOCAL_CLINIC, read)
    finally:
        await commands.close()
        await service.close()
