from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import Action
from app.errors import InvalidInput, NotFound, PreconditionRequired, StaleRevision
from app.models import LOCAL_CLINIC, consultations, note_categories, notes, receipts, revisions, rulebook_snapshots
from app.services.consult import read_consultation, read_note, read_notes
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.revise import merge, revise
from app.services.search import search
from app.services.service import Service
from app.store import Database, Filter, Unit
from tests.services.calls import LIST, LIST_NOTES, READ, READ_NOTE, RECORD, REVISE
from tests.stores import OTHER_CLINIC, make_call

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


async def test_what_is_learned_later_makes_the_next_revision_with_its_note(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(service, REVISE, first.consultation_id, LATER, expected=1)
    assert second.revision == 2
    assert orjson.loads(second.body) == merge(FIRST, LATER)
    assert await read_consultation(service, READ, first.consultation_id) == second


async def test_the_new_note_says_what_changed_and_the_old_one_stays(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(service, REVISE, first.consultation_id, LATER, expected=1)
    assert orjson.loads(first.note)["changes"] == []
    changed = {change["what"] for change in orjson.loads(second.note)["changes"]}
    assert "treatments.conservative_care" in changed
    assert await read_note(service, READ_NOTE, first.consultation_id, 1) == first


async def test_a_rulebook_s_snapshot_that_a_restore_took_away_is_kept_again(service: Service, owned: Database) -> None:
    first = await record(service, RECORD, FIRST)

    def set_back(unit: Unit) -> None:
        for table in (receipts, note_categories, notes, revisions, consultations, rulebook_snapshots):
            unit.connection.execute(table.delete())

    for _ in range(2):
        await owned.write(LOCAL_CLINIC, set_back)
        again = await record(service, RECORD, FIRST)
        assert again.rulebook_digest == first.rulebook_digest
    assert (await revise(service, REVISE, again.consultation_id, LATER, expected=1)).revision == 2


async def test_null_takes_an_answer_back(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(
        service, REVISE, first.consultation_id, {"complaint": {"leg_pain": None, "leg_side": None}}, expected=1
    )
    assert orjson.loads(second.body)["complaint"].keys() == {"regions", "duration", "back_pain"}


async def test_lists_are_replaced_not_added_to(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(service, REVISE, first.consultation_id, {"imaging": [{"modality": "mri"}]}, expected=1)
    assert orjson.loads(second.body)["imaging"] == [{"modality": "mri"}]


@pytest.mark.parametrize("patch", [{}, {"complaint": {"back_pain": 8}}, {"history": None}])
async def test_a_patch_that_changes_nothing_makes_no_revision(service: Service, patch: dict[str, Any]) -> None:
    first = await record(service, RECORD, FIRST)
    assert await revise(service, REVISE, first.consultation_id, patch, expected=1) == first
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first]


async def test_a_stale_revision_is_refused_and_nothing_is_written(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(service, REVISE, first.consultation_id, {"complaint": {"back_pain": 7}}, expected=1)
    for stale in (1, 3, 0, -1, 10**30):
        with pytest.raises(StaleRevision) as refused:
            await revise(service, REVISE, first.consultation_id, {"complaint": {"back_pain": 6}}, expected=stale)
        assert refused.value.current == 2
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first, second]


async def test_of_many_revisers_at_once_exactly_one_wins(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    outcomes = await asyncio.gather(
        *(
            revise(service, REVISE, first.consultation_id, {"complaint": {"back_pain": pain}}, expected=1)
            for pain in range(8)
        ),
        return_exceptions=True,
    )
    won = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(won) == 1
    assert all(isinstance(outcome, StaleRevision) for outcome in outcomes if isinstance(outcome, BaseException))
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first, won[0]]


async def test_a_change_must_say_which_revision_it_changes(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    with pytest.raises(PreconditionRequired):
        await revise(service, REVISE, first.consultation_id, LATER, expected=None)


async def test_what_is_not_there_cannot_be_revised(service: Service) -> None:
    with pytest.raises(NotFound):
        await revise(service, REVISE, "no-such-id", LATER, expected=None)


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"complaint": None}, "/complaint"),
        ({"imaging": [FIRST["imaging"][0], {"modality": "x-ray"}]}, "/imaging/1/modality"),
        ({"imaging": [None]}, "/imaging/0"),
        ({"not_known": ["complaint.leg_pain"]}, "/not_known/0"),
        (["not", "an", "object"], ""),
        (None, ""),
    ],
)
async def test_faults_point_into_the_patched_document(service: Service, patch: Any, pointer: str) -> None:
    first = await record(service, RECORD, FIRST)
    with pytest.raises(InvalidInput) as refused:
        await revise(service, REVISE, first.consultation_id, patch, expected=1)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first]


async def test_lists_are_filtered_by_the_newest_revision(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    unsettled, settled = Filter(settled=False), Filter(settled=True)
    assert len((await search(service, LIST, unsettled, None, 10)).consultations) == 1
    second = await revise(service, REVISE, first.consultation_id, LATER, expected=1)
    assert orjson.loads(second.note)["urgency"]["settled"] is True
    assert (await search(service, LIST, unsettled, None, 10)).consultations == ()
    assert [each.revision for each in (await search(service, LIST, settled, None, 10)).consultations] == [2]


async def of_patient(service: Service, reference: str) -> list[tuple[str, int]]:
    """The consultations that are found by a patient's reference, with the number of their newest revision."""
    page = await search(service, LIST, Filter(patient_reference=reference), None, 10)
    return [(each.consultation_id, each.revision) for each in page.consultations]


async def test_a_corrected_reference_hands_the_consultation_over_with_all_its_revisions(service: Service) -> None:
    stays, moved = [(await record(service, RECORD, FIRST)).consultation_id for _ in range(2)]
    await revise(service, REVISE, moved, LATER, expected=1)
    before = await read_notes(service, LIST_NOTES, moved)
    third = await revise(service, REVISE, moved, {"patient": {"reference": "MRN-2"}}, expected=2)
    assert await of_patient(service, "MRN-1042") == [(stays, 1)]
    assert await of_patient(service, "MRN-2") == [(moved, 3)]
    assert await read_notes(service, LIST_NOTES, moved) == [*before, third]


async def test_a_reference_that_is_taken_back_leaves_a_consultation_of_nobody_known(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    second = await revise(service, REVISE, first.consultation_id, {"patient": {"reference": None}}, expected=1)
    assert await of_patient(service, "MRN-1042") == []
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first, second]
    await revise(service, REVISE, first.consultation_id, {"patient": {"reference": "MRN-1042"}}, expected=2)
    assert await of_patient(service, "MRN-1042") == [(first.consultation_id, 3)]


async def test_another_clinic_s_consultation_cannot_be_revised_and_is_not_told_of(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    stranger = make_call(Action.CONSULTATION_REVISED, clinic=OTHER_CLINIC)
    told = []
    for this in (first.consultation_id, str(uuid4())):
        for expected in (None, 1, 2):
            with pytest.raises(NotFound) as refused:
                await revise(service, stranger, this, LATER, expected=expected)
            told.append(str(refused.value).replace(this, "it"))
    assert set(told) == {"there is no consultation it"}
    assert await read_notes(service, LIST_NOTES, first.consultation_id) == [first]


# The examples of RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_gives_what_the_standard_says(target: Any, patch: Any, result: Any) -> None:
    assert merge(target, patch) == result


@given(target=JSON, patch=JSON)
def test_merging_twice_is_merging_once_and_leaves_what_was_given_alone(target: Any, patch: Any) -> None:
    before = orjson.dumps([target, patch])
    once = merge(target, patch)
    assert merge(once, patch) == once
    assert orjson.dumps([target, patch]) == before
