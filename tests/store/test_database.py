"""What was answered is on disk; what failed left nothing; one caller's failure is nobody else's."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import StaleRevision, StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Database, Filter, search
from tests.store.samples import CONSULTATIONS, MORNING, judged, new_id


async def stored_ids(database: Database) -> set[str]:
    page = await database.read(search, LOCAL_CLINIC, Filter(), None, 10_000)
    return {each.consultation_id for each in page.consultations}


async def held(database: Database) -> Callable[[], Awaitable[None]]:
    """Keep the writer busy with a write of its own until what this returns is called."""
    begun, go = threading.Event(), threading.Event()

    def hold(_: Connection) -> bool:
        begun.set()
        return go.wait(10)

    holding = asyncio.ensure_future(database.write(hold))
    assert await asyncio.to_thread(begun.wait, 10)

    async def release() -> None:
        go.set()
        assert await holding

    return release


async def committed_together(database: Database, writes: list[Callable[[Connection], object]]) -> list[object]:
    """Hold the writer until all are queued, so that they share a commit; each one's answer or error, in order."""
    release = await held(database)
    queued = [asyncio.ensure_future(database.write(write)) for write in writes]
    await asyncio.sleep(0)
    await release()
    return list(await asyncio.gather(*queued, return_exceptions=True))


def adding(this: str) -> Callable[[Connection], object]:
    return lambda connection: CONSULTATIONS.add(connection, this, judged(), MORNING)


async def test_a_failing_write_among_others_undoes_itself_alone(database: Database) -> None:
    first, last, half_done = new_id(), new_id(), new_id()

    def fail_half_way(connection: Connection) -> None:
        CONSULTATIONS.add(connection, half_done, judged(), MORNING)
        raise ValueError("half-way")

    answers = await committed_together(
        database,
        [
            adding(first),
            fail_half_way,
            adding(first),
            lambda connection: CONSULTATIONS.add_revision(connection, first, 7, judged(), MORNING),
            adding(last),
        ],
    )
    assert [answers[0], answers[4]] == [1, 1]
    assert isinstance(answers[1], ValueError)
    assert isinstance(answers[2], IntegrityError)
    assert isinstance(answers[3], StaleRevision)
    assert await stored_ids(database) == {first, last}


async def test_no_error_of_one_write_leaves_another_waiting(database: Database) -> None:
    def exhaust(_: Connection) -> str:
        return next(iter(()))

    answers = await asyncio.wait_for(committed_together(database, [exhaust, adding(this := new_id())]), 10)
    assert isinstance(answers[0], RuntimeError)
    assert answers[1] == 1
    assert await stored_ids(database) == {this}


async def test_a_write_sees_those_it_is_committed_with_that_came_before(database: Database) -> None:
    this = new_id()
    answers = await committed_together(
        database, [adding(this), lambda connection: CONSULTATIONS.add_revision(connection, this, 1, judged(), MORNING)]
    )
    assert answers == [1, 2]


async def test_when_the_commit_fails_everyone_is_told_and_nothing_is_stored(database: Database) -> None:
    def break_the_commit(connection: Connection) -> None:
        # SQLite looks at a deferred foreign key only when it commits.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(text("INSERT INTO revisions VALUES ('local', 'nobody', 1, '2026-11-23', x'00')"))

    answers = await committed_together(database, [adding(new_id()), break_the_commit, adding(new_id())])
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    assert await stored_ids(database) == set()
    after = new_id()
    await database.write(adding(after))
    assert await stored_ids(database) == {after}


async def test_on_a_full_disk_what_was_answered_is_stored_and_nothing_else(database: Database) -> None:
    def allow(connection: Connection, more_pages: int) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more_pages}")

    await database.write(allow, 40)
    tried = [new_id() for _ in range(400)]
    answers = await committed_together(database, [adding(each) for each in tried])
    answered = {each for each, answer in zip(tried, answers, strict=True) if answer == 1}
    assert {type(answer) for answer in answers} == {int, StoreUnavailable}
    assert await stored_ids(database) == answered
    await database.write(allow, 10_000)
    await database.write(adding(after := new_id()))
    assert await stored_ids(database) == answered | {after}


async def test_a_database_that_another_process_holds_is_unavailable_for_writing_and_still_readable(
    database: Database, url: str, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await database.write(adding(new_id()))
    assert await stored_ids(database) == set()
    other.execute("ROLLBACK")
    other.close()
    await database.write(adding(after := new_id()))
    assert await stored_ids(database) == {after}


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable):
        await database.read(adding(new_id()))
    assert await stored_ids(database) == set()


async def test_all_that_one_read_sees_is_of_one_moment(database: Database) -> None:
    seen, written = threading.Event(), threading.Event()

    def twice(connection: Connection) -> tuple[int, int]:
        before = len(search(connection, LOCAL_CLINIC, Filter(), None, 10).consultations)
        seen.set()
        assert written.wait(10)
        return before, len(search(connection, LOCAL_CLINIC, Filter(), None, 10).consultations)

    reading = asyncio.ensure_future(database.read(twice))
    await asyncio.to_thread(seen.wait, 10)
    await database.write(adding(new_id()))
    written.set()
    assert await reading == (0, 0)
    assert len(await stored_ids(database)) == 1


async def test_a_caller_who_left_before_its_turn_writes_nothing(database: Database) -> None:
    release = await held(database)
    gone = asyncio.ensure_future(database.write(adding(new_id())))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    await release()
    await database.write(adding(stays := new_id()))
    assert await stored_ids(database) == {stays}


async def test_closing_finishes_the_writes_under_way_and_refuses_later_ones(url: str, database: Database) -> None:
    ids = [new_id() for _ in range(50)]
    writing = [asyncio.ensure_future(database.write(adding(each))) for each in ids]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writing)
    late: list[Awaitable[object]] = [database.write(adding(new_id())), stored_ids(database), database.check()]
    for each in late:
        with pytest.raises(StoreUnavailable):
            await each
    again = Database.open(url)
    assert await stored_ids(again) == set(ids)
    await again.close()


async def test_the_file_is_written_ahead_fully_synchronised_and_checks_its_keys(database: Database) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1]


async def test_no_failure_of_the_database_repeats_what_was_to_be_stored(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    this, secret = new_id(), judged(patient="MRN-SECRET", says="SECRET")
    caplog.set_level(logging.DEBUG)
    await database.write(CONSULTATIONS.add, this, secret, MORNING)
    with pytest.raises(DBAPIError) as raised:
        await database.write(CONSULTATIONS.add, this, secret, MORNING)
    assert "consultations" in str(raised.value)
    assert "SECRET" not in str(raised.value) + caplog.text


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "postgresql://clinic:SECRET@host/db", "SECRET", "", "mysql:///x"]
)
def test_a_url_that_is_no_sqlite_file_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="sqlite:///") as refused:
        Database.open(url)
    assert "SECRET" not in str(refused.value)
