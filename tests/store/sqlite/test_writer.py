"""One thread writes for everybody: what was answered is on disk, and one caller's failure is nobody else's."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.errors import StaleRevision, StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Added, Database, Filter, Scrubbed, Unit, add_revision, open_database, search
from tests.store.samples import MORNING, add_in, judged, new_id
from tests.stores import KEYRING, StoreUrls, only_sqlite

pytestmark = only_sqlite


async def stored_ids(database: Database) -> set[str]:
    page = await database.read(LOCAL_CLINIC, search, Filter(), None, 10_000)
    return {each.consultation_id for each in page.consultations}


async def held(database: Database) -> Callable[[], Awaitable[None]]:
    """Keep the writer busy with a write of its own until what this returns is called."""
    begun, go = threading.Event(), threading.Event()

    def hold(_: Unit) -> bool:
        begun.set()
        return go.wait(10)

    holding = asyncio.ensure_future(database.write(LOCAL_CLINIC, hold))
    assert await asyncio.to_thread(begun.wait, 10)

    async def release() -> None:
        go.set()
        assert await holding

    return release


async def committed_together(database: Database, writes: list[Callable[[Unit], object]]) -> list[object]:
    """Hold the writer until all are queued, so that they share a commit; each one's answer or error, in order."""
    release = await held(database)
    queued = [asyncio.ensure_future(database.write(LOCAL_CLINIC, write)) for write in writes]
    await asyncio.sleep(0)
    await release()
    return list(await asyncio.gather(*queued, return_exceptions=True))


def adding(this: str) -> Callable[[Unit], object]:
    return lambda unit: add_in(unit, this)


def revising(this: str, expected: int) -> Callable[[Unit], object]:
    return lambda unit: add_revision(unit, this, expected, judged(), MORNING)


def break_the_commit(unit: Unit) -> None:
    # SQLite looks at a deferred foreign key only when it commits.
    unit.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    unit.connection.execute(text("INSERT INTO revisions VALUES ('local', 'nobody', 1, '2026-11-23', x'00')"))


async def test_a_failing_write_among_others_undoes_itself_alone(database: Database) -> None:
    first, last, half_done = new_id(), new_id(), new_id()

    def fail_half_way(unit: Unit) -> None:
        add_in(unit, half_done)
        raise ValueError("half-way")

    answers = await committed_together(
        database,
        [
            adding(first),
            fail_half_way,
            adding(first),
            revising(first, 7),
            adding(last),
        ],
    )
    assert isinstance(answers[0], Added)
    assert isinstance(answers[4], Added)
    assert isinstance(answers[1], ValueError)
    assert isinstance(answers[2], IntegrityError)
    assert isinstance(answers[3], StaleRevision)
    assert await stored_ids(database) == {first, last}


async def test_no_error_of_one_write_leaves_another_waiting(database: Database) -> None:
    def exhaust(_: Unit) -> str:
        return next(iter(()))

    answers = await asyncio.wait_for(committed_together(database, [exhaust, adding(this := new_id())]), 10)
    assert isinstance(answers[0], RuntimeError)
    assert isinstance(answers[1], Added)
    assert await stored_ids(database) == {this}


async def test_a_write_sees_those_it_is_committed_with_that_came_before(database: Database) -> None:
    this = new_id()
    answers = await committed_together(database, [adding(this), revising(this, 1), revising(this, 2)])
    assert answers[1:] == [2, 3]


async def test_when_the_commit_fails_everyone_is_told_and_nothing_is_stored(database: Database) -> None:
    answers = await committed_together(database, [adding(new_id()), break_the_commit, adding(new_id())])
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    assert await stored_ids(database) == set()
    after = new_id()
    await database.write(LOCAL_CLINIC, adding(after))
    assert await stored_ids(database) == {after}


async def test_when_the_commit_fails_those_that_were_left_for_the_next_one_are_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.sqlite.writer.TOGETHER_SECONDS", -1)  # each commit is made after its first write
    first, second = new_id(), new_id()
    answers = await committed_together(database, [break_the_commit, adding(first), break_the_commit, adding(second)])
    assert [type(answer) for answer in answers] == [StoreUnavailable, Added, StoreUnavailable, Added]
    assert await stored_ids(database) == {first, second}


async def test_when_the_commit_fails_what_has_to_be_done_alone_is_done_all_the_same(database: Database) -> None:
    release = await held(database)
    lost, scrubbing = (
        asyncio.ensure_future(database.write(LOCAL_CLINIC, break_the_commit)),
        asyncio.ensure_future(database.scrub()),
    )
    await asyncio.sleep(0)
    await release()
    with pytest.raises(StoreUnavailable):
        await lost
    assert await scrubbing is Scrubbed.DONE


async def test_on_a_full_disk_what_was_answered_is_stored_and_nothing_else(database: Database) -> None:
    def allow(unit: Unit, more_pages: int) -> None:
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more_pages}")

    await database.write(LOCAL_CLINIC, allow, 40)
    tried = [new_id() for _ in range(400)]
    answers = await committed_together(database, [adding(each) for each in tried])
    answered = {each for each, answer in zip(tried, answers, strict=True) if isinstance(answer, Added)}
    assert {type(answer) for answer in answers} == {Added, StoreUnavailable}
    assert await stored_ids(database) == answered
    await database.write(LOCAL_CLINIC, allow, 10_000)
    await database.write(LOCAL_CLINIC, adding(after := new_id()))
    assert await stored_ids(database) == answered | {after}


@pytest.fixture
async def impatient(database: Database, store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The same file, by somebody who waits a tenth of a second for a lock, not five."""
    opened = open_database(f"{store_urls.service}?timeout=0.1", KEYRING)
    yield opened
    await opened.close()


async def test_a_database_that_another_process_holds_is_unavailable_for_writing_and_still_readable(
    impatient: Database, tmp_path: Path
) -> None:
    database = impatient
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await database.write(LOCAL_CLINIC, adding(new_id()))
    assert await stored_ids(database) == set()
    other.execute("ROLLBACK")
    other.close()
    await database.write(LOCAL_CLINIC, adding(after := new_id()))
    assert await stored_ids(database) == {after}


async def test_all_that_one_read_sees_is_of_one_moment(database: Database) -> None:
    seen, written = threading.Event(), threading.Event()

    def twice(unit: Unit) -> tuple[int, int]:
        before = len(search(unit, Filter(), None, 10).consultations)
        seen.set()
        assert written.wait(10)
        return before, len(search(unit, Filter(), None, 10).consultations)

    reading = asyncio.ensure_future(database.read(LOCAL_CLINIC, twice))
    await asyncio.to_thread(seen.wait, 10)
    await database.write(LOCAL_CLINIC, adding(new_id()))
    written.set()
    assert await reading == (0, 0)
    assert len(await stored_ids(database)) == 1


async def test_a_caller_who_left_before_its_turn_writes_nothing(database: Database) -> None:
    release = await held(database)
    gone = asyncio.ensure_future(database.write(LOCAL_CLINIC, adding(new_id())))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    await release()
    await database.write(LOCAL_CLINIC, adding(stays := new_id()))
    assert await stored_ids(database) == {stays}


async def test_the_file_is_written_ahead_fully_synchronised_and_checks_its_keys(database: Database) -> None:
    def pragmas(unit: Unit) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await database.write(LOCAL_CLINIC, pragmas) == ["wal", 2, 1, 1]
