from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest

from app.errors import InvalidInput, NotFound, StoreUnavailable
from app.models import LOCAL_CLINIC
from app.services.consult import read_consultation, read_note, read_notes
from app.services.examples import FIRST, LATER
from app.services.input import canonical_body, parse_consultation
from app.services.record import record
from app.services.revise import merge
from app.services.search import search
from app.services.service import Service
from app.services.triage_once import triage_once
from app.store import Filter, rulebook_snapshot
from tests.services.calls import LIST, LIST_NOTES, MAKE_NOTE, READ, READ_NOTE, RECORD


async def test_a_recorded_consultation_is_read_back_as_it_was_answered(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    assert recorded.revision == 1
    assert await read_consultation(service, READ, recorded.consultation_id) == recorded
    assert await read_notes(service, LIST_NOTES, recorded.consultation_id) == [recorded]
    assert await read_note(service, READ_NOTE, recorded.consultation_id, 1) == recorded


async def test_the_stored_body_says_what_was_sent(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    assert orjson.loads(recorded.body) == FIRST


async def test_the_note_is_the_one_that_triage_without_storing_gives(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    assert recorded.note == await triage_once(service, MAKE_NOTE, FIRST)


async def test_a_note_carries_the_digest_of_the_stored_body(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    assert orjson.loads(recorded.note)["input_digest"] == hashlib.sha256(recorded.body).hexdigest()


async def test_the_rulebook_is_kept_so_that_the_note_can_be_made_again(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    kept = await service.database.read(LOCAL_CLINIC, rulebook_snapshot, recorded.rulebook_digest)
    assert kept == service.triage.rulebook.files


async def test_every_fault_is_named_and_nothing_is_stored(service: Service) -> None:
    body = merge(FIRST, {"complaint": {"back_pain": 11, "regions": ["lumber"]}})
    with pytest.raises(InvalidInput) as refused:
        await record(service, RECORD, body)
    assert {fault.pointer for fault in refused.value.faults} == {"/complaint/back_pain", "/complaint/regions/0"}
    assert (await search(service, LIST, Filter(), None, 10)).consultations == ()


async def test_a_fact_both_stated_and_not_known_is_refused(service: Service) -> None:
    with pytest.raises(InvalidInput) as refused:
        await record(service, RECORD, FIRST | {"not_known": ["complaint.back_pain"]})
    assert [fault.pointer for fault in refused.value.faults] == ["/not_known/0"]


@pytest.mark.parametrize(
    "body",
    [
        FIRST,
        merge(FIRST, LATER),
        {"complaint": {"regions": ["cervical"]}},
        {
            "patient": {"reference": "Ä/1 · 2", "age": 70},
            "complaint": {"regions": ["thoracic", "lumbar"]},
            "imaging": [{"modality": "ct", "date": "2026-10-01"}],
            "not_known": ["complaint.back_pain"],
        },
    ],
)
def test_a_body_survives_being_stored_and_parsed_again(body: dict[str, Any]) -> None:
    stored = canonical_body(parse_consultation(body))
    assert orjson.loads(stored) == body
    assert canonical_body(parse_consultation(orjson.loads(stored))) == stored


async def test_consultations_are_listed_newest_first_in_pages(service: Service) -> None:
    made = [(await record(service, RECORD, FIRST)).consultation_id for _ in range(3)]
    first = await search(service, LIST, Filter(patient_reference="MRN-1042"), None, 2)
    rest = await search(service, LIST, Filter(patient_reference="MRN-1042"), first.next_cursor, 2)
    assert [each.consultation_id for each in (*first.consultations, *rest.consultations)] == made[::-1]
    assert rest.next_cursor is None


async def test_reading_what_is_not_there_says_so(service: Service) -> None:
    recorded = await record(service, RECORD, FIRST)
    for read in (
        read_consultation(service, READ, "no-such-id"),
        read_note(service, READ_NOTE, recorded.consultation_id, 2),
    ):
        with pytest.raises(NotFound):
            await read


async def test_a_closed_store_is_unavailable_not_a_crash(service: Service) -> None:
    await service.database.close()
    with pytest.raises(StoreUnavailable):
        await record(service, RECORD, FIRST)
