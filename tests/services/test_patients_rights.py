from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.access import Action
from app.errors import InvalidInput, NotFound
from app.models import LOCAL_CLINIC, audit_events
from app.services.call import Call
from app.services.consult import read_note
from app.services.examples import FIRST, LATER
from app.services.input import parse_consultation
from app.services.patients.erase import erase
from app.services.patients.export import export_patient
from app.services.patients.kept_note import without_identity
from app.services.record import record
from app.services.reviews.review import record_review
from app.services.revise import revise
from app.services.service import Service
from app.store import HeldPatient, Unit, every_kept_note
from app.triage import Consultation, Note, Triage
from tests.stores import OTHER_CLINIC, make_call

ERASE = make_call(Action.PATIENT_ERASED)
EXPORT = make_call(Action.PATIENT_EXPORTED)
DAYS = ("2026-12-03", "2026-10-07", "2026-11-23")
"""Of the two reports that `planted` has, and of the note."""
REVIEW = {"revision": 1, "verdict": "overrode", "reason": "other", "words": "said on the phone"}


def planted(reference: str = "zq-reference") -> dict[str, Any]:
    """The first example with a marker wherever a body takes free text, and a day of its own."""
    body = deepcopy(FIRST)
    body["patient"]["reference"] = reference
    body["imaging"][0] |= {"measured_by": "zq-measured", "date": "2026-12-03"}
    body["imaging"].append(
        {
            "modality": "ct",
            "date": "2026-10-07",
            "measured_by": "zq-measured",
            "levels": [{"level": "L4-L5", "spondylolisthesis": {"slip_percent": 40}}],
        }
    )
    return body


async def store(service: Service, body: dict[str, Any], clinic: str = LOCAL_CLINIC) -> str:
    call = make_call(Action.CONSULTATION_RECORDED, clinic=clinic, idempotency_key=f"key-{orjson.dumps(body)!r:.60}")
    stored = await record(service, call, body)
    return stored.consultation_id


def read_events(unit: Unit) -> list[dict[str, Any]]:
    found = unit.connection.execute(select(audit_events).order_by(audit_events.c.at)).mappings()
    return [dict(each) for each in found if each["clinic_id"] == unit.clinic]


async def test_an_erasure_is_told_by_ids_and_numbers_and_what_was_seen_before_stays_in_the_audit(
    service: Service,
) -> None:
    this = await store(service, planted())
    await read_note(service, make_call(Action.NOTE_READ), this, 1)
    await record_review(service, make_call(Action.REVIEW_RECORDED), this, REVIEW)
    erased = await erase(service, ERASE, "zq-reference")
    events = await service.database.read(LOCAL_CLINIC, read_events)
    assert [each["action"] for each in events] == [
        "consultation.recorded",
        "note.read",
        "review.recorded",
        "patient.erased",
    ]
    told = events[-1]
    assert told["target"] == f"patients/{erased.patients[0]}"
    assert orjson.loads(told["detail"]) == {
        "patients": list(erased.patients),
        "consultations": 1,
        "revisions": 1,
        "reviews": 1,
        "receipts": 1,
        "kept_notes": 0,
    }
    assert "zq-" not in str(events)
    with pytest.raises(NotFound):
        await read_note(service, make_call(Action.NOTE_READ), this, 1)


async def test_a_reference_of_another_clinic_is_nobody_here(service: Service) -> None:
    this = await store(service, planted(), OTHER_CLINIC)
    for use in (lambda call: erase(service, call, "zq-reference"), lambda call: held(service, call)):
        with pytest.raises(NotFound) as refused:
            await use(ERASE)
        assert "zq-" not in str(refused.value)
    assert (await read_note(service, make_call(Action.NOTE_READ, clinic=OTHER_CLINIC), this, 1)).revision == 1


async def held(service: Service, call: Call, reference: str = "zq-reference") -> HeldPatient:
    return await export_patient(service, call, reference)


async def test_an_export_holds_every_revision_review_receipt_and_who_saw_them(service: Service) -> None:
    body = planted()
    this = await store(service, body)
    other = await store(service, planted("somebody-else"))
    await revise(service, make_call(Action.CONSULTATION_REVISED), this, LATER, 1)
    await read_note(service, make_call(Action.NOTE_READ), this, 2)
    await read_note(service, make_call(Action.NOTE_READ), other, 1)
    review = await record_review(service, make_call(Action.REVIEW_RECORDED), this, REVIEW)

    all_of_it = await held(service, EXPORT)
    (consultation,) = all_of_it.consultations
    assert (all_of_it.reference, consultation.consultation_id) == ("zq-reference", this)
    assert orjson.loads(consultation.revisions[0].body) == body
    assert [each.revision for each in consultation.revisions] == [1, 2]
    assert [each.review_id for each in consultation.reviews] == [review.review_id]
    assert orjson.loads(consultation.reviews[0].review)["words"] == "said on the phone"
    assert [each.revision for each in consultation.receipts] == [1]
    assert [(each.action, each.target) for each in all_of_it.events] == [
        ("consultation.recorded", f"consultations/{this}/notes/1"),
        ("consultation.revised", f"consultations/{this}/notes/2"),
        ("note.read", f"consultations/{this}/notes/2"),
        ("review.recorded", f"consultations/{this}/reviews/{review.review_id}"),
    ]
    again = await held(service, EXPORT)
    assert replace(again, events=again.events[:-1]) == all_of_it
    assert (again.events[-1].action, again.events[-1].target) == (
        "patient.exported",
        f"patients/{all_of_it.patient_ids[0]}",
    )


async def test_notes_that_stay_hold_nothing_that_was_said_in_free_words_and_no_day(service: Service) -> None:
    keeping = replace(service, keeps_notes=True)
    this = await store(keeping, planted())
    await revise(keeping, make_call(Action.CONSULTATION_REVISED), this, LATER, 1)
    erased = await erase(keeping, ERASE, "zq-reference")
    assert erased.kept_notes == 2

    def read_kept(unit: Unit) -> list[tuple[date, bytes]]:
        return [(kept.month, kept.note) for kept in every_kept_note(unit)]

    kept = await service.database.read(LOCAL_CLINIC, read_kept)
    assert {month for month, _ in kept} == {date(2026, 11, 1)}
    for _, note in kept:
        assert b"zq-" not in note
        assert this.encode() not in note
        read = orjson.loads(note)
        assert read["made_on"] == "2026-11"
        assert "input_digest" not in read
        assert read["known_facts"]["patient.age"] == 52


def test_of_a_note_s_days_only_the_month_stays_and_nothing_else_changes(triage: Triage) -> None:
    note = triage.note(parse_consultation(planted()), date(2026, 11, 23))
    shown = orjson.dumps(note)
    assert [day for day in DAYS if day.encode() not in shown] == []
    kept = orjson.loads(without_identity(shown))
    assert set(note) - set(kept) == {"input_digest"}
    assert kept["sources"] == note["sources"]
    assert kept["urgency"] == note["urgency"]
    bare = {key: value for key, value in kept.items() if key != "sources"}
    for day in DAYS:
        assert day not in str(bare)
        assert day[:7] in str(bare)


def test_what_is_no_part_of_a_note_does_not_stay() -> None:
    odd = {"headline": "Soon", "patient": {"reference": "zq-reference"}, "input_digest": "f" * 64}
    assert orjson.loads(without_identity(orjson.dumps(odd))) == {"headline": "Soon"}
    assert "input_digest" in Note.model_fields


def test_no_free_text_of_a_body_is_a_fact_of_a_note(triage: Triage) -> None:
    """Every text that a body takes without a list of what is allowed: should one be added, it is to be looked at."""
    assert free_texts(Consultation.model_json_schema()) == {"reference", "measured_by", "not_known"}
    with pytest.raises(InvalidInput):  # the names of facts, and no others
        parse_consultation(planted() | {"not_known": ["zq-fact"]})
    note = triage.note(parse_consultation(planted()), date(2026, 11, 23))
    assert "zq-" not in str(note)


def free_texts(schema: dict[str, Any]) -> set[str]:
    """The names of text fields without a list, pattern or format, anywhere in a schema."""
    found: set[str] = set()

    def look(part: Any, name: str) -> None:
        if isinstance(part, list):
            for each in part:
                look(each, name)
        elif isinstance(part, dict):
            if part.get("type") == "string" and not part.keys() & {"enum", "const", "pattern", "format"}:
                found.add(name)
            for key, each in part.get("properties", {}).items():
                look(each, key)
            for key, each in part.items():
                if key in {"anyOf", "oneOf", "allOf", "items"}:
                    look(each, name)
                elif key == "$defs":
                    for title, definition in each.items():
                        look(definition, title)

    look(schema, "")
    return found
