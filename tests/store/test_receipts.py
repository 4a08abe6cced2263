"""Receipts are known again under every master key of the ring, and by nobody who has only the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.errors import IdempotencyKeyReused
from app.models import LOCAL_CLINIC, receipts
from app.store import Database, Receipt, Repeated, Unit, add_receipt, find_receipt, make_master_key, open_database
from app.store import read_keyring as read
from tests.store.counting import count_rows
from tests.store.samples import MORNING, judged, minutes_later, new, new_id
from tests.stores import MASTER_KEYS, StoreUrls

NEW_THEN_OLD = read(f"{make_master_key('k2')}\n{MASTER_KEYS}")
ASKED = Receipt(key_hash="a" * 64, request_hash="b" * 64)


@pytest.fixture
async def rotating(database: Database, store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The same database, as a process sees it that seals under a newer master key."""
    assert database is not None
    opened = open_database(store_urls.service, NEW_THEN_OLD)
    yield opened
    await opened.close()


def stored_hashes(unit: Unit) -> list[str]:
    return [
        each for row in unit.connection.execute(select(receipts.c.key_hash, receipts.c.request_hash)) for each in row
    ]


async def test_what_is_stored_of_key_and_request_cannot_be_guessed_without_the_master_key(database: Database) -> None:
    await database.write(LOCAL_CLINIC, add_receipt, ASKED, MORNING)
    await database.write(LOCAL_CLINIC, add_receipt, replace(ASKED, key_hash="c" * 64), MORNING)
    hashes = await database.read(LOCAL_CLINIC, stored_hashes)
    assert len(set(hashes)) == 4
    assert not {"a" * 64, "b" * 64, "c" * 64} & set(hashes)


async def test_a_consultation_is_stored_once_while_master_keys_are_rotated(
    database: Database, rotating: Database
) -> None:
    first = new(this := new_id(), receipt=replace(ASKED, consultation_id=this, revision=1))
    await database.add_consultation(LOCAL_CLINIC, first)
    before = await database.read(LOCAL_CLINIC, count_rows)
    for patient in ("MRN-1042", "MRN-2", None):
        again = new(other := new_id(), judged(patient=patient), receipt=replace(ASKED, consultation_id=other))
        with pytest.raises(Repeated) as repeated:
            await rotating.add_consultation(LOCAL_CLINIC, again)
        assert repeated.value.receipt == first.receipt
    assert await database.read(LOCAL_CLINIC, count_rows) == before


async def test_an_answer_from_before_the_rotation_is_found_and_not_written_twice(
    database: Database, rotating: Database
) -> None:
    answered = replace(ASKED, answer=b'{"headline": "kept"}')
    assert await database.write(LOCAL_CLINIC, add_receipt, answered, MORNING)
    assert await rotating.read(LOCAL_CLINIC, find_receipt, ASKED) == answered
    assert not await rotating.write(LOCAL_CLINIC, add_receipt, ASKED, MORNING)
    assert await rotating.write(LOCAL_CLINIC, add_receipt, replace(answered, key_hash="c" * 64), MORNING)
    assert await rotating.read(LOCAL_CLINIC, find_receipt, replace(ASKED, key_hash="c" * 64)) is not None


async def test_another_request_with_the_same_key_is_refused_under_either_master_key(
    database: Database, rotating: Database
) -> None:
    await database.write(LOCAL_CLINIC, add_receipt, ASKED, MORNING)
    other = replace(ASKED, request_hash="c" * 64)
    for process in (database, rotating):
        with pytest.raises(IdempotencyKeyReused):
            await process.read(LOCAL_CLINIC, find_receipt, other)
        with pytest.raises(IdempotencyKeyReused):
            await process.add_consultation(LOCAL_CLINIC, new(new_id(), receipt=other))


async def test_a_receipt_that_is_too_old_counts_no_more_and_is_in_nobody_s_way(
    database: Database, rotating: Database
) -> None:
    await database.write(LOCAL_CLINIC, add_receipt, ASKED, MORNING)
    for minute, process in ((1, database), (2, rotating)):
        later = replace(ASKED, request_hash=f"{minute}" * 64, since=minutes_later(minute))
        assert await process.read(LOCAL_CLINIC, find_receipt, later) is None
        assert await process.write(LOCAL_CLINIC, add_receipt, later, minutes_later(minute))
        assert not await process.write(LOCAL_CLINIC, add_receipt, later, minutes_later(minute))


async def test_a_consultation_whose_key_was_used_too_long_ago_is_stored(database: Database) -> None:
    first = new(this := new_id(), receipt=replace(ASKED, consultation_id=this, revision=1))
    await database.add_consultation(LOCAL_CLINIC, first)
    asked = replace(ASKED, request_hash="c" * 64, since=minutes_later(1), consultation_id=(other := new_id()))
    later = new(other, judged(), at=minutes_later(2), receipt=asked)
    await database.add_consultation(LOCAL_CLINIC, later)
    assert (await database.read(LOCAL_CLINIC, count_rows))["consultations"] == 2
    with pytest.raises(Repeated) as repeated:
        await database.add_consultation(LOCAL_CLINIC, replace(later, consultation_id=new_id()))
    assert repeated.value.receipt.consultation_id == other
