"""Nobody holds the one writer for ever: a caller who reads for too long is ended, and those who wait are not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import TextClause, text

from app.errors import StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Database, Unit, open_database
from app.store.sqlite.database import HELD_SECONDS
from tests.store.samples import add, add_in, keep_rulebook, new_id
from tests.store.sqlite.test_writer import held, stored_ids
from tests.stores import KEYRING, StoreUrls, only_sqlite

pytestmark = only_sqlite

MANY = "WITH RECURSIVE n(i) AS (SELECT meanwhile() UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
"""Some times as much as SQLite does between two looks at the clock; `meanwhile()` happens when it has begun."""

FOR_EVER = MANY.replace("300000", "200000000")


def written_out(statement: str) -> TextClause:
    return text(statement.replace("FOR_EVER", FOR_EVER).replace("MANY", MANY))


class Clock:
    """Goes on only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def go_on(self, seconds: float = HELD_SECONDS + 1) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """By which the time of a caller is measured."""
    clock = Clock()
    monkeypatch.setattr("app.store.sqlite.deadline.monotonic", clock)
    return clock


@pytest.fixture
async def shared(clock: Clock, database: Database) -> Database:
    """The database, which each may hold for `HELD_SECONDS` by that clock."""
    await keep_rulebook(database, LOCAL_CLINIC)
    return database


def let_happen(unit: Unit, what: Callable[[], object]) -> None:
    """What is to happen while a statement runs that calls `meanwhile()`, which is 1."""

    def meanwhile() -> int:
        what()
        return 1

    driver = unit.connection.connection.driver_connection
    assert driver is not None
    driver.create_function("meanwhile", 0, meanwhile)


async def between_two_that_add(database: Database, fn: Callable[[Unit], object]) -> tuple[object, set[str]]:
    """What came of `fn` in a commit with two that add; their ids. Neither may be anything but stored."""
    before, after = new_id(), new_id()
    release = await held(database)
    queued = [
        asyncio.ensure_future(add(database, before)),
        asyncio.ensure_future(database.write(LOCAL_CLINIC, fn)),
        asyncio.ensure_future(add(database, after)),
    ]
    await asyncio.sleep(0)
    await release()
    answers = await asyncio.gather(*queued[1:2], return_exceptions=True)
    await asyncio.gather(queued[0], queued[2])
    return answers[0], {before, after}


@pytest.mark.parametrize(
    "statement",
    [
        "FOR_EVER SELECT max(i) FROM n",
        "SELECT max(i) FROM (FOR_EVER SELECT i FROM n)",
        "\n  select max(i) from (FOR_EVER select i from n)",
    ],
)
async def test_a_read_in_a_write_s_transaction_is_ended_and_whoever_shares_its_commit_is_stored(
    shared: Database, clock: Clock, statement: str
) -> None:
    def store_and_read(unit: Unit) -> None:
        add_in(unit, new_id())
        let_happen(unit, clock.go_on)
        unit.connection.execute(written_out(statement)).all()

    answer, added = await between_two_that_add(shared, store_and_read)
    assert isinstance(answer, StoreUnavailable)
    assert "held for more than 15 seconds" in str(answer)
    assert await stored_ids(shared) == added


async def test_many_short_reads_are_ended_as_one_long_one_is(shared: Database, clock: Clock) -> None:
    """An export that opens one sealed body after the other: little by SQLite, much by Python."""
    read: list[int] = []

    def store_and_read(unit: Unit) -> None:
        add_in(unit, new_id())
        for number in range(100):
            unit.connection.execute(text("SELECT 1")).all()
            read.append(number)
            clock.go_on(1)

    answer, added = await between_two_that_add(shared, store_and_read)
    assert isinstance(answer, StoreUnavailable)
    assert len(read) == HELD_SECONDS + 1
    assert await stored_ids(shared) == added


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO filler MANY SELECT i FROM n",
        "MANY INSERT INTO filler SELECT i FROM n",
        "REPLACE INTO filler MANY SELECT i FROM n",
        "CREATE TABLE other_filler AS MANY SELECT i FROM n",
        "\n  insert into filler MANY select i from n",
    ],
)
async def test_a_statement_that_writes_is_not_cut_off_since_that_would_undo_what_others_wrote(
    shared: Database, clock: Clock, statement: str
) -> None:
    written: list[str] = []

    def write_for_long(unit: Unit) -> None:
        unit.connection.execute(text("CREATE TABLE filler (i INTEGER PRIMARY KEY)"))
        let_happen(unit, clock.go_on)
        unit.connection.execute(written_out(statement))
        written.append("to its end")
        add_in(unit, new_id())

    answer, added = await between_two_that_add(shared, write_for_long)
    assert written
    assert isinstance(answer, StoreUnavailable)
    assert "held for more than" in str(answer)
    assert await stored_ids(shared) == added


async def test_a_caller_who_leaves_holds_nobody_up_for_the_rest_of_its_time(shared: Database) -> None:
    begun, gone = threading.Event(), threading.Event()
    read: list[str] = []

    def let_it_leave() -> None:
        begun.set()
        assert gone.wait(60)

    def store_and_read(unit: Unit) -> None:
        add_in(unit, new_id())
        let_happen(unit, let_it_leave)
        unit.connection.execute(written_out("FOR_EVER SELECT max(i) FROM n")).all()
        read.append("to its end")

    leaving = asyncio.ensure_future(shared.write(LOCAL_CLINIC, store_and_read))
    assert await asyncio.to_thread(begun.wait, 60)
    leaving.cancel()
    gone.set()
    await add(shared, after := new_id())
    assert not read
    assert await stored_ids(shared) == {after}


async def test_those_who_come_before_a_slow_one_do_not_wait_for_the_slow_ones_behind_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.sqlite.writer.TOGETHER_SECONDS", -1)  # whatever they take, it is too long
    answered = threading.Event()
    release = await held(database)
    first = asyncio.ensure_future(add(database, new_id()))
    second = asyncio.ensure_future(database.write(LOCAL_CLINIC, lambda _: answered.wait(60)))
    await asyncio.sleep(0)
    await release()
    await asyncio.wait_for(first, 30)
    answered.set()
    assert await second


async def test_an_operator_s_command_may_take_as_long_as_it_takes(store_urls: StoreUrls, clock: Clock) -> None:
    def read(unit: Unit) -> int:
        let_happen(unit, clock.go_on)
        found: int = unit.connection.execute(written_out("MANY SELECT max(i) FROM n")).scalar_one()
        return found

    commands, service = (
        open_database(store_urls.owner, KEYRING, patient=True),
        open_database(store_urls.service, KEYRING),
    )
    try:
        assert await commands.write(LOCAL_CLINIC, read) == 300_000
        with pytest.raises(StoreUnavailable, match="held for more than"):
            await service.write(LOCAL_CLINIC, read)
    finally:
        await commands.close()
        await service.close()
