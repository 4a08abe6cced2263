"""Examples of the OpenAPI document, made by the service itself, so that they cannot differ from what it answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import orjson

from app.errors import InvalidInput
from app.routers.accept import JSON
from app.routers.audit import audit_list
from app.routers.consultations import write_stored
from app.routers.described.audit_answers import example_page
from app.routers.described.batch_answers import make_batch_examples
from app.routers.described.patient_examples import example_export
from app.routers.described.review_examples import make_review_examples
from app.routers.metrics import show_figures
from app.routers.notes import list_notes
from app.routers.problems import problem_of
from app.routers.rulebook import KINDS, SINGULAR, describe
from app.routers.search import list_page
from app.services.examples import FIRST, LATER
from app.services.input import canonical_body, parse_consultation
from app.services.revise import merge
from app.store import Listed, Page, StoredRevision
from app.triage import Consultation, Triage, encode, plain_text
from app.triage.book import list_book, to_html, write_book
from app.triage.listing import list_vocabulary

_ID = "0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11"
_PATIENT = "5d2c4f0e-8a1b-4c39-b7a4-0f6e2d9c1b58"
_DAY = date(2026, 11, 23)
_MOMENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
_FEW = 2
"""Entries of a long list that an example shows."""
_OPENING = 7
"""Lines of the readable rulebook that an example shows: its title, version, digest and disclaimer."""


def make_examples(triage: Triage) -> dict[str, dict[str, Any]]:
    """OpenAPI examples by name: the README's first consultation, what is learned later, and what they are answered."""
    first = parse_consultation(FIRST)
    later = parse_consultation(merge(FIRST, LATER))
    note = triage.note(first, _DAY)
    revised = triage.note(later, _DAY, note)
    stored = [_stored(triage, 1, first, note), _stored(triage, 2, later, revised)]
    return {
        "consultation": _example("Severe back and leg pain for 4 to 5 months; X-rays show a slip", FIRST),
        "patch": _example("No red flag, failed physiotherapy and an MRI", LATER),
        "note": _example("Its note", note),
        "note_text": _example("Its note as text", plain_text(note)),
        "revised_note_text": _example("The note of the second revision as text", plain_text(revised)),
        "stored": _example("The first revision", orjson.loads(write_stored(stored[0], JSON))),
        "revised": _example("The second revision", orjson.loads(write_stored(stored[1], JSON))),
        "notes": _example("Two revisions", _plain(list_notes(stored))),
        "page": _example("One consultation", _plain(list_page(Page((_listed(revised),), None), {"limit": 50}, None))),
        "patient_export": _example(
            "A patient with one consultation", example_export(FIRST["patient"]["reference"], _PATIENT, stored)
        ),
        "audit": _example("Two events", _plain(audit_list(example_page(_ID), {}, None))),
        "healthy": _example("Up", {"status": "ok"}),
        "ready": _example("Ready", {"status": "ready"}),
        "metrics": _example("The beginning", show_figures()),
        "invalid": _example("Two faults at once", _invalid()),
        **make_review_examples(_ID),
        **make_batch_examples(stored[0]),
        **_knowledge(triage),
    }


def _knowledge(triage: Triage) -> dict[str, dict[str, Any]]:
    """The vocabulary and the rulebook, of each list only the first entries."""
    book = list_book(triage.rulebook)
    described = triage.rulebook.described()
    opening = "\n".join(write_book(triage.rulebook).splitlines()[:_OPENING]) + "\n"
    examples = {
        "vocabulary": _example("The first of each list", {k: v[:_FEW] for k, v in list_vocabulary().items()}),
        "rulebook": _example("The rulebook at work", describe(triage.rulebook, book)),
        "rulebook_markdown": _example("The beginning of the document", opening),
        "rulebook_html": _example("The beginning of the page", to_html(opening)),
    }
    for kind in KINDS:
        few = list(islice(book[kind].values(), _FEW))
        examples[kind] = _example("The first of the list", {kind: few, "rulebook": described})
        examples[SINGULAR[kind]] = _example("The first of the list", few[0] if few else {})
    return examples


def _example(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


def _invalid() -> Any:
    wrong = {"complaint": {"regions": ["lumbar"], "leg_pain": 11, "bak_pain": 8}}
    try:
        parse_consultation(wrong)
    except InvalidInput as error:
        return orjson.loads(bytes(problem_of(error).body))
    raise AssertionError("the example of an invalid body is valid")


def _stored(triage: Triage, revision: int, consultation: Consultation, note: dict[str, Any]) -> StoredRevision:
    return StoredRevision(
        consultation_id=_ID,
        revision=revision,
        created_at=_MOMENT,
        body=canonical_body(consultation),
        note=encode(note),
        made_on=_DAY,
        rulebook_digest=triage.rulebook.digest,
    )


def _listed(note: dict[str, Any]) -> Listed:
    urgency = note["urgency"]
    return Listed(
        consultation_id=_ID,
        revision=2,
        created_at=_MOMENT,
        revised_at=_MOMENT,
        made_on=_DAY,
        urgency_at_least=urgency["at_least"],
        urgency_at_most=urgency["at_most"],
        settled=urgency["settled"],
        headline=note["headline"],
        patient_id=_PATIENT,
        patient_reference=FIRST["patient"]["reference"],
    )


def _plain(value: Any) -> Any:
    """Moments as the text they are sent as."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))
