"""What was answered is stored; what failed left nothing; one caller's failure is nobody else's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import StaleRevision, StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Added, Database, Filter, Unit, open_database, search
from tests.store.samples import add, add_in, judged, new_id, revise
from tests.stores import KEYRING, StoreUrls


async def stored_ids(database: Database) -> set[str]:
    page = await database.read(LOCAL_CLINIC, search, Filter(), None, 10_000)
    return {each.consultation_id for each in page.consultations}


def fail_half_way(unit: Unit) -> None:
    add_in(unit, new_id())
    raise ValueError("half-way")


def exhaust(_: Unit) -> str:
    return next(iter(()))


async def test_a_failing_write_among_others_undoes_itself_alone(database: Database) -> None:
    there, others = new_id(), [new_id() for _ in range(20)]
    await add(database, there)
    failing: list[Awaitable[object]] = [
        database.write(LOCAL_CLINIC, fail_half_way),
        add(database, there),
        revise(database, there, 7),
        database.write(LOCAL_CLINIC, exhaust),
    ]
    answers = await asyncio.gather(*failing, *(add(database, each) for each in others), return_exceptions=True)
    assert [type(answer) for answer in answers[:4]] == [ValueError, IntegrityError, StaleRevision, RuntimeError]
    assert {type(answer) for answer in answers[4:]} == {Added}
    assert await stored_ids(database) == {there, *others}


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable):
        await database.read(LOCAL_CLINIC, add_in, new_id())
    assert await stored_ids(database) == set()


async def test_closing_finishes_the_writes_under_way_and_refuses_later_ones(
    database: Database, store_urls: StoreUrls
) -> None:
    ids = [new_id() for _ in range(50)]
    writing = [asyncio.ensure_future(add(database, each)) for each in ids]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writing)
    late: list[Awaitable[object]] = [add(database, new_id()), stored_ids(database), database.check()]
    for each in late:
        with pytest.raises(StoreUnavailable):
            await each
    await database.close()
    again = open_database(store_urls.service, KEYRING)
    assert await stored_ids(again) == set(ids)
    await again.close()


async def test_no_failure_of_the_database_repeats_what_was_to_be_stored(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    this, secret = new_id(), judged(patient="MRN-SECRET", says="SECRET")
    caplog.set_level(logging.DEBUG)
    await add(database, this, secret)
    with pytest.raises(DBAPIError) as raised:
        await add(database, this, secret)
    assert "consultations" in str(raised.value)
    assert "SECRET" not in str(raised.value) + caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "SECRET",
        "",
        "mysql:///x",
        "mysql://clinic:SECRET@host/db",
        "postgresql+psycopg://clinic:SECRET@host/db",
        "postgresql://clinic:SECRET@host",
        "postgresql://clinic:SECRET@host/",
        "postgresql://clinic:SECRET@host:port/db",
    ],
)
def test_a_url_that_names_no_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"sqlite:///|postgresql://user@host/name") as refused:
        open_database(url, KEYRING)
    assert "SECRET" not in str(refused.value)
