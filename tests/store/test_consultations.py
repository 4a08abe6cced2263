"""A consultation keeps every revision, each exactly as it was stored."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import NotFound, StaleRevision
from app.models import LOCAL_CLINIC
from app.store import (
    Database,
    Filter,
    StoredRevision,
    add_revision,
    all_revisions,
    newest_number,
    newest_revision,
    one_revision,
    search,
)
from tests.store.samples import DIGEST, MORNING, add, judged, minutes_later, new_id, revise


async def test_what_was_stored_is_read_back_byte_for_byte(database: Database) -> None:
    this, given = new_id(), judged(says="“4–5 months”, \u0000 and 🦴")
    # A headline is the rulebook's own sentence, and kept as text, in which PostgreSQL has no NUL.
    given = replace(given, headline="“4–5 months” and 🦴")
    assert (await add(database, this, given)).at == MORNING
    assert await database.read(LOCAL_CLINIC, newest_revision, this) == StoredRevision(
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
    await add(database, this, first)
    assert await revise(database, this, 1, second, minutes_later(5)) == 2
    newest = await database.read(LOCAL_CLINIC, newest_revision, this)
    assert (newest.revision, newest.body, newest.note, newest.created_at) == (
        2,
        second.body,
        second.note,
        minutes_later(5),
    )
    earlier = await database.read(LOCAL_CLINIC, one_revision, this, 1)
    assert (earlier.body, earlier.note, earlier.created_at) == (first.body, first.note, MORNING)
    assert await database.read(LOCAL_CLINIC, all_revisions, this) == [earlier, newest]


async def test_a_stale_revision_is_refused_and_nothing_is_written(database: Database) -> None:
    this = new_id()
    await add(database, this)
    await revise(database, this, 1, judged(says="second"), minutes_later(1))
    before = await database.read(LOCAL_CLINIC, all_revisions, this)
    with pytest.raises(StaleRevision) as refused:
        await revise(database, this, 1, judged(says="too late"), minutes_later(2))
    assert refused.value.current == 2
    assert await database.read(LOCAL_CLINIC, all_revisions, this) == before


@pytest.mark.parametrize("expected", [0, 2, -1, 2**31, 10**30])
async def test_a_revision_that_never_was_cannot_be_changed(database: Database, expected: int) -> None:
    this = new_id()
    await add(database, this)
    with pytest.raises(StaleRevision):
        await revise(database, this, expected)
    assert await database.read(LOCAL_CLINIC, newest_number, this) == 1


async def test_of_many_who_revise_the_same_revision_exactly_one_wins(database: Database) -> None:
    this, revisers = new_id(), 32
    await add(database, this)
    answers = await asyncio.gather(
        *(revise(database, this, 1, judged(says=f"reviser {each}")) for each in range(revisers)),
        return_exceptions=True,
    )
    (winner,) = [each for each, answer in enumerate(answers) if answer == 2]
    assert sum(isinstance(answer, StaleRevision) and answer.current == 2 for answer in answers) == revisers - 1
    stored = await database.read(LOCAL_CLINIC, all_revisions, this)
    assert [revision.revision for revision in stored] == [1, 2]
    assert stored[1].body == judged(says=f"reviser {winner}").body


async def test_what_is_not_there_is_said_to_be_missing(database: Database) -> None:
    this = new_id()
    for read in (newest_revision, newest_number, all_revisions):
        with pytest.raises(NotFound, match=this):
            await database.read(LOCAL_CLINIC, read, this)
    with pytest.raises(NotFound, match="no consultation"):
        await database.read(LOCAL_CLINIC, one_revision, this, 1)
    with pytest.raises(NotFound, match="no consultation"):
        await database.write(LOCAL_CLINIC, add_revision, this, 1, judged(), MORNING)
    await add(database, this)
    for number in (0, 2, -1, 2**31, 10**30):
        with pytest.raises(NotFound, match="revisions 1 to 1"):
            await database.read(LOCAL_CLINIC, one_revision, this, number)


async def test_a_note_whose_rulebook_was_not_kept_is_not_stored(database: Database) -> None:
    unkept = replace(judged(), rulebook_digest="e" * 64)
    with pytest.raises(IntegrityError):
        await add(database, new_id(), unkept)
    assert (await database.read(LOCAL_CLINIC, search, Filter(), None, 10)).consultations == ()
