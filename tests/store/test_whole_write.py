"""A new consultation is stored with all that belongs to it, or nothing of it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from app.models import LOCAL_CLINIC
from app.store import Database, Filter, NewConsultation, Receipt, Repeated, newest_revision, open_database, search
from tests.store.counting import count_rows, delete_patients
from tests.store.samples import DIGEST, MORNING, add, judged, minutes_later, new, new_id
from tests.stores import KEYRING, StoreUrls

RECEIPT = Receipt(key_hash="a" * 64, request_hash="b" * 64)
TWO = {"lumbar_decompression": "needs_information", "further_imaging": "discussable"}
NOTHING = {"clinics": 1, "rulebook_snapshots": 1}
WHOLE = NOTHING | {
    "patients": 1,
    "consultations": 1,
    "revisions": 1,
    "notes": 1,
    "note_categories": 2,
    "receipts": 1,
    "audit_events": 1,
}


@pytest.fixture
async def elsewhere(database: Database, store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The same database, as another process of the service has it open."""
    opened = open_database(store_urls.service, KEYRING)
    yield opened
    await opened.close()


def with_receipt(this: str, receipt: Receipt = RECEIPT) -> NewConsultation:
    return new(this, judged(categories=TWO), receipt=replace(receipt, consultation_id=this, revision=1))


async def test_all_that_belongs_to_a_consultation_is_stored_with_it(database: Database) -> None:
    assert await database.read(LOCAL_CLINIC, count_rows) == NOTHING
    await database.add_consultation(LOCAL_CLINIC, with_receipt(new_id()))
    assert await database.read(LOCAL_CLINIC, count_rows) == WHOLE


async def test_without_a_receipt_or_any_category_the_rest_is_stored(database: Database) -> None:
    this = new_id()
    await add(database, this, judged(categories={}))
    stored = await database.read(LOCAL_CLINIC, count_rows)
    assert stored == {name: count for name, count in WHOLE.items() if name not in ("note_categories", "receipts")}
    assert (await database.read(LOCAL_CLINIC, newest_revision, this)).note == judged(categories={}).note


NO_STATUS = cast("dict[str, str]", {"lumbar_decompression": "discussable", "further_imaging": None})
FAULTS: dict[str, dict[str, Any]] = {
    "a category without a status": {"categories": NO_STATUS},
    "a rulebook that was not kept": {"rulebook_digest": "e" * 64},
    "a note without a headline": {"headline": None},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_part_cannot_be_stored_nothing_of_it_is(database: Database, fault: str) -> None:
    refused = replace(judged(categories=TWO), **FAULTS[fault])
    receipt = replace(RECEIPT, consultation_id=(this := new_id()), revision=1)
    with pytest.raises(DBAPIError):
        await database.add_consultation(LOCAL_CLINIC, new(this, refused, receipt=receipt))
    assert await database.read(LOCAL_CLINIC, count_rows) == NOTHING
    await database.add_consultation(LOCAL_CLINIC, with_receipt(this))
    assert await database.read(LOCAL_CLINIC, count_rows) == WHOLE


async def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError), match="without a time zone"):
        await add(database, new_id(), at=MORNING.replace(tzinfo=None))
    assert await database.read(LOCAL_CLINIC, count_rows) == NOTHING


async def test_of_a_second_consultation_with_the_same_id_nothing_is_stored(database: Database) -> None:
    this = new_id()
    await database.add_consultation(LOCAL_CLINIC, with_receipt(this))
    for patient in ("MRN-1042", "MRN-2", None):
        with pytest.raises(IntegrityError):
            await add(database, this, judged(patient=patient))
    assert await database.read(LOCAL_CLINIC, count_rows) == WHOLE


@pytest.mark.parametrize("patient", ["MRN-1042", "MRN-2", None])
async def test_a_request_that_was_answered_before_is_told_apart_and_stores_nothing(
    database: Database, elsewhere: Database, patient: str | None
) -> None:
    first = with_receipt(new_id())
    await database.add_consultation(LOCAL_CLINIC, first)
    again = replace(with_receipt(new_id()), judged=judged(patient=patient))
    for process in (database, elsewhere):
        with pytest.raises(Repeated) as repeated:
            await process.add_consultation(LOCAL_CLINIC, again)
        assert repeated.value.receipt == first.receipt
    assert await database.read(LOCAL_CLINIC, count_rows) == WHOLE


async def test_of_the_same_request_many_times_at_once_exactly_one_is_stored(
    database: Database, elsewhere: Database
) -> None:
    asked = [with_receipt(new_id()) for _ in range(24)]
    answers = await asyncio.gather(
        *((database, elsewhere)[place % 2].add_consultation(LOCAL_CLINIC, each) for place, each in enumerate(asked)),
        return_exceptions=True,
    )
    (stored,) = [each for each, answer in zip(asked, answers, strict=True) if not isinstance(answer, Exception)]
    repeated = [answer.receipt for answer in answers if isinstance(answer, Repeated)]
    assert repeated == [stored.receipt] * 23
    assert await database.read(LOCAL_CLINIC, count_rows) == WHOLE


async def test_of_many_at_once_for_a_patient_nobody_knew_there_is_one_patient(
    database: Database, elsewhere: Database
) -> None:
    ids = [new_id() for _ in range(24)]
    added = await asyncio.gather(*(add((database, elsewhere)[place % 2], each) for place, each in enumerate(ids)))
    (patient,) = {each.patient_id for each in added}
    assert (await database.read(LOCAL_CLINIC, count_rows))["patients"] == 1
    page = await elsewhere.read(LOCAL_CLINIC, search, Filter(patient_reference="MRN-1042"), None, 100)
    assert {each.consultation_id for each in page.consultations} == set(ids)
    assert page.patient_id == patient


async def test_a_patient_who_was_erased_meanwhile_is_a_new_one(database: Database, elsewhere: Database) -> None:
    before = await add(database, new_id())
    await elsewhere.write(LOCAL_CLINIC, delete_patients)
    after = await add(database, this := new_id(), at=minutes_later(1))
    assert after.patient_id != before.patient_id
    assert (await database.read(LOCAL_CLINIC, newest_revision, this)).body == judged().body
    counts = await database.read(LOCAL_CLINIC, count_rows)
    assert (counts["patients"], counts["consultations"]) == (1, 1)


async def test_patients_who_are_erased_again_and_again_lose_no_consultation_that_came_after(
    database: Database, elsewhere: Database
) -> None:
    for minute in range(10):
        erasing = elsewhere.write(LOCAL_CLINIC, delete_patients)
        added, _ = await asyncio.gather(add(database, this := new_id(), at=minutes_later(minute)), erasing)
        counts = await database.read(LOCAL_CLINIC, count_rows)
        parts = [counts.get(name, 0) for name in ("patients", "consultations", "revisions", "notes")]
        assert parts in ([1, 1, 1, 1], [0, 0, 0, 0])
        if parts[0]:
            assert (await database.read(LOCAL_CLINIC, newest_revision, this)).created_at == added.at


async def test_the_clock_is_read_when_it_is_stored(database: Database) -> None:
    moments = iter([MORNING, minutes_later(1), minutes_later(2), minutes_later(3)])
    added = await database.add_consultation(LOCAL_CLINIC, replace(new(new_id()), now=lambda: next(moments)))
    (only,) = (await database.read(LOCAL_CLINIC, search, Filter(), None, 10)).consultations
    assert only.created_at == only.revised_at == added.at
    assert (await database.read(LOCAL_CLINIC, newest_revision, only.consultation_id)).rulebook_digest == DIGEST
