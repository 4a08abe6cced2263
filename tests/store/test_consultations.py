"""A consultation keeps every revision, each exactly as it was stored."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import NotFound, StaleRevision
from app.store import Database, Filter, StoredRevision, search
from tests.store.samples import CONSULTATIONS, DIGEST, MORNING, judged, minutes_later, new_id


async def test_what_was_stored_is_read_back_byte_for_byte(database: Database) -> None:
    this, given = new_id(), judged(says="“4–5 months”, \u0000 and 🦴")
    assert await database.write(CONSULTATIONS.add, this, given, MORNING) == 1
    assert await database.read(CONSULTATIONS.newest, this) == StoredRevision(
        consultation_id=this,
        revision=1,
        created_at=MORNING,
        body=given.body,
        note=given.note,
        made_on=given.made_on,
        rulebook_digest=DIGEST,
    )


async def test_a_revision_becomes_the_newest_and_leaves_the_earlier_ones_as_they_were(database: Database) -> None:
    this, first, second = new_id(), judged(says="complaint"), judged(says="with X-ray")
    await database.write(CONSULTATIONS.add, this, first, MORNING)
    assert await database.write(CONSULTATIONS.add_revision, this, 1, second, minutes_later(5)) == 2
    newest = await database.read(CONSULTATIONS.newest, this)
    assert (newest.revision, newest.body, newest.note, newest.created_at) == (
        2,
        second.body,
        second.note,
        minutes_later(5),
    )
    earlier = await database.read(CONSULTATIONS.revision, this, 1)
    assert (earlier.body, earlier.note, earlier.created_at) == (first.body, first.note, MORNING)
    assert await database.read(CONSULTATIONS.revisions, this) == [earlier, newest]


async def test_a_stale_revision_is_refused_and_nothing_is_written(database: Database) -> None:
    this = new_id()
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    await database.write(CONSULTATIONS.add_revision, this, 1, judged(says="second"), minutes_later(1))
    before = await database.read(CONSULTATIONS.revisions, this)
    with pytest.raises(StaleRevision) as refused:
        await database.write(CONSULTATIONS.add_revision, this, 1, judged(says="too late"), minutes_later(2))
    assert refused.value.current == 2
    assert await database.read(CONSULTATIONS.revisions, this) == before


@pytest.mark.parametrize("expected", [0, 2, -1, 2**31, 10**30])
async def test_a_revision_that_never_was_cannot_be_changed(database: Database, expected: int) -> None:
    this = new_id()
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    with pytest.raises(StaleRevision):
        await database.write(CONSULTATIONS.add_revision, this, expected, judged(), MORNING)
    assert await database.read(CONSULTATIONS.newest_number, this) == 1


async def test_of_many_who_revise_the_same_revision_exactly_one_wins(database: Database) -> None:
    this, revisers = new_id(), 32
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    answers = await asyncio.gather(
        *(
            database.write(CONSULTATIONS.add_revision, this, 1, judged(says=f"reviser {each}"), MORNING)
            for each in range(revisers)
        ),
        return_exceptions=True,
    )
    (winner,) = [each for each, answer in enumerate(answers) if answer == 2]
    assert sum(isinstance(answer, StaleRevision) and answer.current == 2 for answer in answers) == revisers - 1
    stored = await database.read(CONSULTATIONS.revisions, this)
    assert [revision.revision for revision in stored] == [1, 2]
    assert stored[1].body == judged(says=f"reviser {winner}").body


async def test_what_is_not_there_is_said_to_be_missing(database: Database) -> None:
    this = new_id()
    for read in (CONSULTATIONS.newest, CONSULTATIONS.newest_number, CONSULTATIONS.revisions):
        with pytest.raises(NotFound, match=this):
            await database.read(read, this)
    with pytest.raises(NotFound, match="no consultation"):
        await database.read(CONSULTATIONS.revision, this, 1)
    with pytest.raises(NotFound, match="no consultation"):
        await database.write(CONSULTATIONS.add_revision, this, 1, judged(), MORNING)
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    for number in (0, 2, -1, 2**31, 10**30):
        with pytest.raises(NotFound, match="revisions 1 to 1"):
            await database.read(CONSULTATIONS.revision, this, number)


async def test_a_note_whose_rulebook_was_not_kept_is_not_stored(database: Database) -> None:
    unkept = replace(judged(), rulebook_digest="e" * 64)
    with pytest.raises(IntegrityError):
        await database.write(CONSULTATIONS.add, new_id(), unkept, MORNING)
    assert (await database.read(search, CONSULTATIONS.clinic_id, Filter(), None, 10)).consultations == ()
