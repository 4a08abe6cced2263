"""On PostgreSQL a new consultation is one statement, and so one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool

from app.models import LOCAL_CLINIC
from app.store import Database, Receipt
from tests.store.counting import count_rows
from tests.store.samples import add, judged, new, new_id
from tests.stores import only_postgres

pytestmark = only_postgres


@contextmanager
def statements() -> Iterator[list[str]]:
    """Those that drivers send to any database as long as the block lasts."""
    sent: list[str] = []

    def note(query: Any) -> None:
        sent.append(query.query)

    def listen(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(note)

    def leave(connection: Any, *_: Any) -> None:
        connection.driver_connection.remove_query_logger(note)

    event.listen(Pool, "checkout", listen)
    event.listen(Pool, "checkin", leave)
    try:
        yield sent
    finally:
        event.remove(Pool, "checkout", listen)
        event.remove(Pool, "checkin", leave)


@pytest.mark.parametrize(
    ("patient", "categories"),
    [("MRN-1042", {"lumbar_decompression": "discussable"}), ("MRN-2", {}), (None, {"further_imaging": "discussable"})],
    ids=["known", "new", "unnamed"],
)
async def test_whoever_the_patient_is_one_statement_stores_it_all(
    database: Database, patient: str | None, categories: dict[str, str]
) -> None:
    await add(database, new_id())
    before = await database.read(LOCAL_CLINIC, count_rows)
    receipt = Receipt("a" * 64, "b" * 64, consultation_id=(this := new_id()), revision=1)
    with statements() as sent:
        given = judged(patient=patient, categories=categories)
        await database.add_consultation(LOCAL_CLINIC, new(this, given, receipt=receipt))
        await asyncio.sleep(0)  # what was sent is told to loggers by the loop
    assert len(sent) == 1
    after = await database.read(LOCAL_CLINIC, count_rows)
    one_more = {"consultations", "revisions", "notes", "receipts", "audit_events"}
    assert {name for name in one_more if after[name] == before.get(name, 0) + 1} == one_more
    assert after["note_categories"] == before["note_categories"] + len(categories)
    assert after["patients"] == before["patients"] + (patient != "MRN-1042")


async def test_what_the_columns_have_no_room_for_is_refused_whole(database: Database) -> None:
    before = await database.read(LOCAL_CLINIC, count_rows)
    for refused in (
        judged(categories={"x" * 65: "discussable"}),
        replace(judged(), headline="\0"),
        replace(judged(), rulebook_digest="d" * 65),
    ):
        with pytest.raises(DBAPIError):
            await add(database, new_id(), refused)
    assert await database.read(LOCAL_CLINIC, count_rows) == before
