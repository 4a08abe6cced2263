"""Everything that a replay needs is there, in order, without holding it all."""

import tracemalloc
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from app.errors import NotFound
from app.models import LOCAL_CLINIC
from app.store import (
    Database,
    Newest,
    Replayable,
    Rulebooks,
    count_consultations,
    count_notes,
    every_newest,
    every_note,
)
from tests.store.samples import CONSULTATIONS, DIGEST, MORNING, judged, new_id


def all_notes(connection: Connection) -> list[Replayable]:
    return list(every_note(connection, LOCAL_CLINIC))


async def test_every_note_comes_with_its_body_and_the_note_before_it(database: Database) -> None:
    stored = {}
    for this in (new_id(), new_id(), new_id()):
        stored[this] = [judged(says=f"{this} {number}") for number in (1, 2, 3)]
        await database.write(CONSULTATIONS.add, this, stored[this][0], MORNING)
    # Out of step, as revisions of several consultations come.
    for number in (1, 2):
        for this, revisions in stored.items():
            await database.write(CONSULTATIONS.add_revision, this, number, revisions[number], MORNING)
    assert await database.read(all_notes) == [
        Replayable(
            consultation_id=this,
            revision=place + 1,
            body=given.body,
            note=given.note,
            previous_note=stored[this][place - 1].note if place else None,
            made_on=given.made_on,
            rulebook_digest=DIGEST,
        )
        for this in sorted(stored)
        for place, given in enumerate(stored[this])
    ]
    assert await database.read(count_notes, LOCAL_CLINIC) == 9


async def test_every_consultation_comes_once_as_its_newest_revision(database: Database) -> None:
    stored = {this: [judged(says=f"{this} {number}") for number in (1, 2)] for this in (new_id(), new_id(), new_id())}
    for this, (first, _) in stored.items():
        await database.write(CONSULTATIONS.add, this, first, MORNING)
    revised, *others = stored
    await database.write(CONSULTATIONS.add_revision, revised, 1, stored[revised][1], MORNING)
    newest = {revised: (2, stored[revised][1])} | {this: (1, stored[this][0]) for this in others}

    def read_all(connection: Connection) -> list[Newest]:
        return list(every_newest(connection, LOCAL_CLINIC))

    assert await database.read(read_all) == [
        Newest(this, newest[this][0], newest[this][1].body, newest[this][1].made_on) for this in sorted(stored)
    ]
    assert await database.read(count_consultations, LOCAL_CLINIC) == 3


async def test_reading_all_holds_only_a_few(database: Database) -> None:
    size, count = 30_000, 1000
    large = replace(judged(), note=b"x" * size, body=b"x" * size)

    def add_all(connection: Connection) -> None:
        for _ in range(count):
            CONSULTATIONS.add(connection, new_id(), large, MORNING)

    def peaks(connection: Connection) -> list[tuple[int, int]]:
        found = []
        for read_all in (every_note, every_newest):
            tracemalloc.start()
            read = sum(len(each.body) for each in read_all(connection, LOCAL_CLINIC))
            found.append((read, tracemalloc.get_traced_memory()[1]))
            tracemalloc.stop()
        return found

    await database.write(add_all)
    for read, most in await database.read(peaks):
        assert read == size * count
        assert most < read / 3


async def test_a_rulebook_is_kept_once_and_read_back_as_it_was(database: Database) -> None:
    rulebooks, files = Rulebooks(LOCAL_CLINIC), {"red_flags.yaml": "rules:\n- “–”\n", "a/b.yaml": ""}
    for _ in range(2):
        await database.write(rulebooks.keep_snapshot, "a" * 64, "2026.12", files)
    assert await database.read(rulebooks.snapshot, "a" * 64) == files
    with pytest.raises(NotFound):
        await database.read(rulebooks.snapshot, "b" * 64)
