from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.errors import Damaged, NotFound
from app.models import LOCAL_CLINIC
from app.store import (
    Database,
    Period,
    StoredReview,
    Unit,
    add_review,
    all_reviews,
    count_latest_reviews,
    every_latest_review,
    hold_newest,
    move_to_patient,
    one_review,
)
from tests.store.samples import add, keep_rulebook, new_id, revise
from tests.stores import OTHER_CLINIC

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = b'{"words":"Seen with her daughter, who disagreed"}'


@pytest.fixture
async def this(database: Database) -> str:
    """The id of a consultation with two revisions."""
    await keep_rulebook(database, LOCAL_CLINIC)
    this = new_id()
    await add(database, this)
    assert await revise(database, this, 1) == 2
    return this


def review(
    this: str, text: bytes = WORDS, *, hours: float = 0, reviewer: str = "person:ada", revision: int = 1
) -> StoredReview:
    at = NOON + timedelta(hours=hours)
    return StoredReview(this, new_id(), revision, at, reviewer, "agreed", text)


async def store(database: Database, *reviews: StoredReview) -> None:
    for each in reviews:
        await database.write(LOCAL_CLINIC, add_review, each)


async def latest(database: Database, period: Period | None = None, clinic: str = LOCAL_CLINIC) -> list[bytes]:
    asked = period or Period()

    def read(unit: Unit) -> list[bytes]:
        return sorted(each.review for each in every_latest_review(unit, asked))

    found = await database.read(clinic, read)
    assert await database.read(clinic, count_latest_reviews, asked) == len(found)
    return found


async def test_a_review_comes_back_as_it_was_stored(database: Database, this: str) -> None:
    second, first = review(this, hours=1), review(this)
    await store(database, second, first)
    assert await database.read(LOCAL_CLINIC, all_reviews, this) == [first, second]
    assert await database.read(LOCAL_CLINIC, one_review, this, second.review_id) == second
    assert await database.write(LOCAL_CLINIC, hold_newest, this) == 2


async def test_the_words_lie_sealed_and_open_nowhere_else(database: Database, this: str) -> None:
    one, two = review(this), review(this, b"{}")
    await store(database, one, two)

    def look_and_swap(unit: Unit) -> list[bytes]:
        sealed = list(unit.connection.execute(text("SELECT review FROM reviews")).scalars())
        swap = "UPDATE reviews SET review = (SELECT review FROM reviews WHERE review_id = :one) WHERE review_id = :two"
        unit.connection.execute(text(swap), {"one": one.review_id, "two": two.review_id})
        return [bytes(each) for each in sealed]

    assert not any(b"daughter" in each for each in await database.write(LOCAL_CLINIC, look_and_swap))
    with pytest.raises(Damaged):
        await database.read(LOCAL_CLINIC, one_review, this, two.review_id)


async def test_reviews_go_with_their_consultation_to_another_patient(database: Database, this: str) -> None:
    stored = review(this)
    await store(database, stored)
    await database.write(LOCAL_CLINIC, move_to_patient, this, "MRN-2", NOON)
    later = review(this, hours=1)
    await store(database, later)
    assert await database.read(LOCAL_CLINIC, all_reviews, this) == [stored, later]


async def test_what_is_not_there_is_not_found_and_another_clinic_s_is_not_there(database: Database, this: str) -> None:
    stored = review(this)
    await store(database, stored)
    nowhere = new_id()
    for clinic, consultation in ((LOCAL_CLINIC, nowhere), (OTHER_CLINIC, this)):
        with pytest.raises(NotFound, match="no consultation"):
            await database.read(clinic, all_reviews, consultation)
        with pytest.raises(NotFound, match="no consultation"):
            await database.read(clinic, one_review, consultation, stored.review_id)
        with pytest.raises(NotFound, match="no consultation"):
            await database.write(clinic, add_review, review(consultation))
    with pytest.raises(NotFound, match="no review"):
        await database.read(LOCAL_CLINIC, one_review, this, new_id())
    assert await latest(database, clinic=OTHER_CLINIC) == []


async def test_of_each_reviewer_and_note_only_the_latest_review_counts(database: Database, this: str) -> None:
    await store(
        database,
        review(this, b'"ada, corrected"', hours=2),
        review(this, b'"ada, at first"', hours=1),
        review(this, b'"ada, of the second note"', revision=2),
        review(this, b'"bob"', reviewer="person:bob"),
        review(this, b'"a key that is called ada"', reviewer="api_key:ada"),
    )
    assert await latest(database) == sorted(
        [b'"ada, corrected"', b'"ada, of the second note"', b'"bob"', b'"a key that is called ada"']
    )


async def test_of_two_reviews_at_the_same_moment_one_counts(database: Database, this: str) -> None:
    await store(database, review(this), review(this))
    assert await latest(database) == [WORDS]


async def test_periods_side_by_side_count_each_review_once(database: Database, this: str) -> None:
    await store(
        database,
        review(this, b'"ada, at first"'),
        review(this, b'"ada, corrected"', hours=2),
        review(this, b'"bob"', hours=1, reviewer="person:bob"),
        review(this, b'"eve"', hours=2, reviewer="person:eve"),
    )
    two = NOON + timedelta(hours=2)
    assert await latest(database, Period(NOON, two)) == [b'"bob"']
    assert await latest(database, Period(two, None)) == [b'"ada, corrected"', b'"eve"']
    assert await latest(database, Period(None, NOON)) == []
