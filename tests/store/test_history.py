"""Everything that a replay needs is there, in order, without holding it all."""

import random
import tracemalloc
from dataclasses import replace

import pytest

from app.errors import NotFound
from app.models import LOCAL_CLINIC
from app.store import (
    Database,
    Newest,
    Replayable,
    Unit,
    count_consultations,
    count_notes,
    every_newest,
    every_note,
    keep_snapshot,
    rulebook_snapshot,
)
from tests.store.samples import DIGEST, add, add_in, judged, new_id, revise


def all_notes(unit: Unit) -> list[Replayable]:
    return list(every_note(unit))


async def test_every_note_comes_with_its_body_and_the_note_before_it(database: Database) -> None:
    stored = {}
    for this in (new_id(), new_id(), new_id()):
        stored[this] = [judged(says=f"{this} {number}") for number in (1, 2, 3)]
        await add(database, this, stored[this][0])
    # Out of step, as revisions of several consultations come.
    for number in (1, 2):
        for this, revisions in stored.items():
            await revise(database, this, number, revisions[number])
    assert await database.read(LOCAL_CLINIC, all_notes) == [
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
    assert await database.read(LOCAL_CLINIC, count_notes) == 9


async def test_every_consultation_comes_once_as_its_newest_revision(database: Database) -> None:
    stored = {this: [judged(says=f"{this} {number}") for number in (1, 2)] for this in (new_id(), new_id(), new_id())}
    for this, (first, _) in stored.items():
        await add(database, this, first)
    revised, *others = stored
    await revise(database, revised, 1, stored[revised][1])
    newest = {revised: (2, stored[revised][1])} | {this: (1, stored[this][0]) for this in others}

    def read_all(unit: Unit) -> list[Newest]:
        return list(every_newest(unit))

    assert await database.read(LOCAL_CLINIC, read_all) == [
        Newest(this, newest[this][0], newest[this][1].body, newest[this][1].made_on) for this in sorted(stored)
    ]
    assert await database.read(LOCAL_CLINIC, count_consultations) == 3


async def test_reading_all_holds_only_a_few(database: Database) -> None:
    size, count = 30_000, 1000
    # Bytes that do not become fewer by being compressed.
    large = replace(judged(), note=random.Random(1).randbytes(size), body=random.Random(2).randbytes(size))

    def add_all(unit: Unit) -> None:
        for _ in range(count):
            add_in(unit, new_id(), large)

    def peaks(unit: Unit) -> list[tuple[int, int]]:
        found = []
        for read_all in (every_note, every_newest):
            tracemalloc.start()
            read = sum(len(each.body) for each in read_all(unit))
            found.append((read, tracemalloc.get_traced_memory()[1]))
            tracemalloc.stop()
        return found

    await database.write(LOCAL_CLINIC, add_all)
    for read, most in await database.read(LOCAL_CLINIC, peaks):
        assert read == size * count
        assert most < read / 3


async def test_a_rulebook_is_kept_once_and_read_back_as_it_was(database: Database) -> None:
    files = {"red_flags.yaml": "rules:\n- “–”\n", "a/b.yaml": ""}
    for _ in range(2):
        await database.write(LOCAL_CLINIC, keep_snapshot, "a" * 64, "2026.12", files)
    assert await database.read(LOCAL_CLINIC, rulebook_snapshot, "a" * 64) == files
    with pytest.raises(NotFound):
        await database.read(LOCAL_CLINIC, rulebook_snapshot, "b" * 64)
