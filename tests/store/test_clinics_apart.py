"""Nobody reads, counts, changes or guesses another clinic's rows, whichever function of the store they call."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app import store
from app.models import LOCAL_CLINIC, metadata
from app.store import Database, Receipt, StoredReview, Unit, add_key, add_review, audit, keep_snapshot
from tests.store.samples import DIGEST, EVENT, MORNING, add_in, judged, minutes_later, new, new_id
from tests.store.wrong_clinic import KEY, READING, WRITING, Elsewhere, Try
from tests.stores import OTHER_CLINIC

ATTEMPTS = {**READING, **WRITING}


@pytest.fixture
async def owned(owned: Database) -> Database:
    """The tables' owner, whom no row-level security holds: what keeps clinics apart here is the statements alone."""
    await owned.write(OTHER_CLINIC, keep_snapshot, DIGEST, "2026.11", {"lumbar.yaml": "rules: []\n"})
    return owned


@pytest.fixture
async def elsewhere(owned: Database) -> Elsewhere:
    """Something of everything, in the other clinic; of the local one there is nothing."""
    this = new_id()
    receipt = Receipt("a" * 64, "b" * 64, consultation_id=this, revision=1)
    added = await owned.add_consultation(OTHER_CLINIC, new(this, judged(patient="MRN-1"), receipt=receipt))

    def fill(unit: Unit) -> None:
        store.add_revision(unit, this, 1, judged(patient="MRN-1", says="later"), minutes_later(1))
        review = StoredReview(this, "review-1", 1, minutes_later(2), "api_key:key-1", "agreed", b'{"words": "yes"}')
        add_review(unit, review)
        add_key(unit, KEY)
        given_up = replace(EVENT, action=audit.GIVEN_UP, detail={"master_key": "k1"})
        store.add_event(unit, given_up, minutes_later(2))
        assert audit.tells_of_giving_up(unit, "k1")
        audit.seal_events(unit, minutes_later(3), everything=True)
        add_in(unit, new_id(), judged(patient=None))

    await owned.write(OTHER_CLINIC, fill)
    return Elsewhere(this, "review-1", added.patient_id, "MRN-1", DIGEST, KEY.key_id, receipt)


def rows_elsewhere(connection: Connection) -> dict[str, list[Any]]:
    """All that the other clinic has."""
    return {
        table.name: sorted(
            tuple(map(repr, row)) for row in connection.execute(select(table).where(table.c.clinic_id == OTHER_CLINIC))
        )
        for table in metadata.sorted_tables
    }


def test_every_function_that_takes_a_unit_is_tried() -> None:
    found = {
        name
        for room in (store, audit)
        for name in room.__all__
        if inspect.isfunction(function := getattr(room, name))
        and next(iter(inspect.signature(function).parameters), None) == "unit"
    }
    assert found == ATTEMPTS.keys()


class Undone(Exception):
    """Ends an attempt, so that the next one finds everything as it was."""

    def __init__(self, answer: object) -> None:
        self.answer = answer


async def test_no_function_reaches_what_belongs_to_another_clinic(owned: Database, elsewhere: Elsewhere) -> None:
    before = await owned.survey(rows_elsewhere)
    assert all(before[table.name] for table in metadata.sorted_tables if table.name != "kept_notes")

    def tried(unit: Unit, attempt: Try) -> None:
        answer = attempt(unit, elsewhere)
        raise Undone(answer if rows_elsewhere(unit.connection) == before else "something was changed elsewhere")

    for name, (attempt, expected) in ATTEMPTS.items():
        answer: object
        try:
            await owned.write(LOCAL_CLINIC, tried, attempt)
        except Undone as undone:
            answer = undone.answer
        except Exception as error:  # noqa: BLE001 - which one is the question
            answer = type(error)
        assert answer == expected, name
    assert await owned.survey(rows_elsewhere) == before


async def test_the_same_ids_and_references_can_stand_in_two_clinics(owned: Database, elsewhere: Elsewhere) -> None:
    await owned.write(LOCAL_CLINIC, keep_snapshot, DIGEST, "2026.11", {})
    before = await owned.survey(rows_elsewhere)
    ours = replace(
        new(elsewhere.consultation, judged(patient=elsewhere.reference, says="ours")), receipt=elsewhere.receipt
    )
    added = await owned.add_consultation(LOCAL_CLINIC, ours)
    assert added.patient_id != elsewhere.patient
    stored = await owned.read(LOCAL_CLINIC, store.newest_revision, elsewhere.consultation)
    assert (stored.revision, stored.created_at, stored.note) == (1, MORNING, judged(says="ours").note)
    await owned.write(LOCAL_CLINIC, store.erase_reference, elsewhere.reference)
    assert await owned.survey(rows_elsewhere) == before
