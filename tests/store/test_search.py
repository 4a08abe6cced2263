"""Lists show what the newest note says, newest consultation first, and their pages fit together."""

from collections.abc import AsyncIterator

import pytest

from app.errors import InvalidCursor
from app.models import LOCAL_CLINIC
from app.store import Database, Filter, Listed, Unit, add_revision, move_to_patient, search
from tests.store.samples import MORNING, add, judged, minutes_later, new_id, revise
from tests.stores import OTHER_CLINIC


async def pages(database: Database, wanted: Filter, limit: int) -> AsyncIterator[list[Listed]]:
    cursor = None
    while True:
        page = await database.read(LOCAL_CLINIC, search, wanted, cursor, limit)
        yield list(page.consultations)
        if (cursor := page.next_cursor) is None:
            return


async def listed(database: Database, wanted: Filter, limit: int = 3) -> list[str]:
    return [each.consultation_id async for page in pages(database, wanted, limit) for each in page]


async def test_a_consultation_is_listed_with_what_its_newest_note_says(database: Database) -> None:
    this = new_id()
    added = await add(database, this)
    revised = judged(says="revised", at_least="routine", at_most="routine")
    await revise(database, this, 1, revised, minutes_later(9))
    page = await database.read(LOCAL_CLINIC, search, Filter(), None, 10)
    assert page.next_cursor is None
    assert page.consultations == (
        Listed(
            consultation_id=this,
            revision=2,
            created_at=MORNING,
            revised_at=minutes_later(9),
            made_on=revised.made_on,
            urgency_at_least="routine",
            urgency_at_most="routine",
            settled=True,
            headline=revised.headline,
            patient_id=added.patient_id,
            patient_reference="MRN-1042",
        ),
    )


async def test_somebody_without_a_reference_is_listed_without_one(database: Database) -> None:
    first, second = [await add(database, new_id(), judged(patient=None)) for _ in range(2)]
    listed_ones = (await database.read(LOCAL_CLINIC, search, Filter(), None, 10)).consultations
    assert {(each.patient_id, each.patient_reference) for each in listed_ones} == {
        (first.patient_id, None),
        (second.patient_id, None),
    }
    of_first = await database.read(LOCAL_CLINIC, search, Filter(patient_id=first.patient_id), None, 10)
    assert [each.patient_id for each in of_first.consultations] == [first.patient_id]


async def test_each_filter_asks_about_the_newest_revision_alone(database: Database) -> None:
    revised, other = new_id(), new_id()
    before = judged(at_least="urgent", categories={"lumbar_discectomy": "discussable"}, patient="MRN-1")
    after = judged(
        at_least="soon",
        at_most="soon",
        categories={"lumbar_discectomy": "deferred", "lumbar_decompression": "discussable"},
        patient="MRN-2",
    )
    await add(database, revised, before)

    def revise_and_hand_over(unit: Unit) -> None:
        add_revision(unit, revised, 1, after, minutes_later(1))
        move_to_patient(unit, revised, after.patient_reference, minutes_later(1))

    await database.write(LOCAL_CLINIC, revise_and_hand_over)
    await add(database, other, before, minutes_later(2))
    asked: list[tuple[Filter, list[str]]] = [
        (Filter(), [other, revised]),
        (Filter(patient_reference="MRN-1"), [other]),
        (Filter(patient_reference="MRN-2"), [revised]),
        (Filter(patient_reference="mrn-2"), []),
        (Filter(urgency_at_least="routine"), [other, revised]),
        (Filter(urgency_at_least="soon"), [other, revised]),
        (Filter(urgency_at_least="urgent"), [other]),
        (Filter(urgency_at_least="emergency"), []),
        (Filter(settled=True), [revised]),
        (Filter(settled=False), [other]),
        (Filter(category="lumbar_discectomy"), [other, revised]),
        (Filter(category="lumbar_decompression"), [revised]),
        (Filter(status="discussable"), [other, revised]),
        (Filter(status="deferred"), [revised]),
        (Filter(category="lumbar_discectomy", status="discussable"), [other]),
        (Filter(category="lumbar_decompression", status="deferred"), []),
        (Filter(created_from=minutes_later(2)), [other]),
        (Filter(created_before=minutes_later(2)), [revised]),
        (Filter(created_from=MORNING, created_before=minutes_later(3)), [other, revised]),
        (Filter(patient_reference="MRN-2", settled=True, status="discussable", urgency_at_least="soon"), [revised]),
        (Filter(patient_reference="MRN-2", settled=False), []),
    ]
    for wanted, expected in asked:
        assert await listed(database, wanted) == expected, wanted


async def test_pages_neither_skip_nor_repeat_while_consultations_are_added_and_revised(database: Database) -> None:
    at_first = [new_id() for _ in range(23)]
    for place, each in enumerate(at_first):
        # Three share each moment, as writes committed together do.
        await add(database, each, at=minutes_later(place // 3))
    seen: list[str] = []
    async for page in pages(database, Filter(), 4):
        assert len(page) <= 4
        seen += [each.consultation_id for each in page]
        await add(database, new_id(), at=minutes_later(100 + len(seen)))
        await revise(database, at_first[0], len(seen[::4]), at=minutes_later(200))
    assert len(seen) == len(set(seen))
    assert set(seen) == set(at_first)
    moments = {each: place // 3 for place, each in enumerate(at_first)}
    assert [moments[each] for each in seen] == sorted(moments.values(), reverse=True)


@pytest.mark.parametrize("count", [0, 3, 6])
async def test_a_last_page_that_is_full_has_no_cursor(database: Database, count: int) -> None:
    for each in range(count):
        await add(database, new_id(), at=minutes_later(each))
    assert [len(page) async for page in pages(database, Filter(), 3)] == ([3] * (count // 3) or [0])


async def test_a_clinic_sees_its_own_consultations_only(database: Database) -> None:
    this = new_id()
    await add(database, this, clinic=OTHER_CLINIC)
    assert await listed(database, Filter()) == []
    assert await listed(database, Filter(patient_reference="MRN-1042")) == []
    there = await database.read(OTHER_CLINIC, search, Filter(), None, 10)
    assert [each.consultation_id for each in there.consultations] == [this]


NOT_GIVEN_OUT = ["", "x", "====", "é", "\x00", "bm90IGEgY3Vyc29y", "MjAyNi0xMS0yMyAx", "A" * 10_000]
BEFORE_YEAR_ONE = "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSBh"


@pytest.mark.parametrize("cursor", [*NOT_GIVEN_OUT, BEFORE_YEAR_ONE])
async def test_a_cursor_that_was_not_given_out_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await database.read(LOCAL_CLINIC, search, Filter(), cursor, 10)


async def test_a_cursor_with_anything_added_or_taken_away_is_refused(database: Database) -> None:
    for each in range(2):
        await add(database, new_id(), at=minutes_later(each))
    cursor = (await database.read(LOCAL_CLINIC, search, Filter(), None, 1)).next_cursor
    assert cursor is not None
    assert cursor.isascii()
    for broken in (cursor + "A", cursor + "=", cursor + "\n", cursor[1:], " " + cursor):
        with pytest.raises(InvalidCursor):
            await database.read(LOCAL_CLINIC, search, Filter(), broken, 1)
