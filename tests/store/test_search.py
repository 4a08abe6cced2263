"""Lists show what the newest note says, newest consultation first, and their pages fit together."""

from collections.abc import AsyncIterator

import pytest

from app.errors import InvalidCursor
from app.models import LOCAL_CLINIC
from app.store import Consultations, Database, Filter, Listed, Rulebooks, search
from tests.store.samples import CONSULTATIONS, DIGEST, MORNING, judged, minutes_later, new_id


async def pages(database: Database, wanted: Filter, limit: int) -> AsyncIterator[list[Listed]]:
    cursor = None
    while True:
        page = await database.read(search, LOCAL_CLINIC, wanted, cursor, limit)
        yield list(page.consultations)
        if (cursor := page.next_cursor) is None:
            return


async def listed(database: Database, wanted: Filter, limit: int = 3) -> list[str]:
    return [each.consultation_id async for page in pages(database, wanted, limit) for each in page]


async def test_a_consultation_is_listed_with_what_its_newest_note_says(database: Database) -> None:
    this = new_id()
    await database.write(CONSULTATIONS.add, this, judged(), MORNING)
    revised = judged(says="revised", at_least="routine", at_most="routine", patient=None)
    await database.write(CONSULTATIONS.add_revision, this, 1, revised, minutes_later(9))
    page = await database.read(search, LOCAL_CLINIC, Filter(), None, 10)
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
            patient_reference=None,
        ),
    )


async def test_each_filter_asks_about_the_newest_revision_alone(database: Database) -> None:
    revised, other = new_id(), new_id()
    before = judged(at_least="urgent", categories={"lumbar_discectomy": "discussable"}, patient="MRN-1")
    after = judged(
        at_least="soon",
        at_most="soon",
        categories={"lumbar_discectomy": "deferred", "lumbar_decompression": "discussable"},
        patient="MRN-2",
    )
    await database.write(CONSULTATIONS.add, revised, before, MORNING)
    await database.write(CONSULTATIONS.add_revision, revised, 1, after, minutes_later(1))
    await database.write(CONSULTATIONS.add, other, before, minutes_later(2))
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
        await database.write(CONSULTATIONS.add, each, judged(), minutes_later(place // 3))
    seen: list[str] = []
    async for page in pages(database, Filter(), 4):
        assert len(page) <= 4
        seen += [each.consultation_id for each in page]
        await database.write(CONSULTATIONS.add, new_id(), judged(), minutes_later(100 + len(seen)))
        await database.write(CONSULTATIONS.add_revision, at_first[0], len(seen[::4]), judged(), minutes_later(200))
    assert len(seen) == len(set(seen))
    assert set(seen) == set(at_first)
    moments = {each: place // 3 for place, each in enumerate(at_first)}
    assert [moments[each] for each in seen] == sorted(moments.values(), reverse=True)


@pytest.mark.parametrize("count", [0, 3, 6])
async def test_a_last_page_that_is_full_has_no_cursor(database: Database, count: int) -> None:
    for each in range(count):
        await database.write(CONSULTATIONS.add, new_id(), judged(), minutes_later(each))
    assert [len(page) async for page in pages(database, Filter(), 3)] == ([3] * (count // 3) or [0])


async def test_a_clinic_sees_its_own_consultations_only(database: Database) -> None:
    elsewhere, this = "elsewhere", new_id()
    await database.write(Rulebooks(elsewhere).keep_snapshot, DIGEST, "1", {})
    await database.write(Consultations(elsewhere).add, this, judged(), MORNING)
    assert await listed(database, Filter()) == []
    assert len((await database.read(search, elsewhere, Filter(), None, 10)).consultations) == 1


NOT_GIVEN_OUT = ["", "x", "====", "é", "\x00", "bm90IGEgY3Vyc29y", "MjAyNi0xMS0yMyAx", "A" * 10_000]
BEFORE_YEAR_ONE = "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSBh"


@pytest.mark.parametrize("cursor", [*NOT_GIVEN_OUT, BEFORE_YEAR_ONE])
async def test_a_cursor_that_was_not_given_out_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await database.read(search, LOCAL_CLINIC, Filter(), cursor, 10)


async def test_a_cursor_with_anything_added_or_taken_away_is_refused(database: Database) -> None:
    for each in range(2):
        await database.write(CONSULTATIONS.add, new_id(), judged(), minutes_later(each))
    cursor = (await database.read(search, LOCAL_CLINIC, Filter(), None, 1)).next_cursor
    assert cursor is not None
    assert cursor.isascii()
    for broken in (cursor + "A", cursor + "=", cursor + "\n", cursor[1:], " " + cursor):
        with pytest.raises(InvalidCursor):
            await database.read(search, LOCAL_CLINIC, Filter(), broken, 1)
