"""What a note owes its reader: values with the reasons, one page of text, the same bytes by either way."""

from __future__ import annotations

import json
import re
from datetime import date
from random import Random
from typing import Any

import pytest

from app.services.examples import FIRST, LATER
from app.triage import Consultation, Note, Triage, encode, plain_text
from tests.laws.bodies import BodyMaker, limits_of

DAY = date(2026, 11, 23)
BODIES = 400
SEED = 20261124
SADDLE = FIRST | {
    "complaint": FIRST["complaint"]
    | {"saddle_sensation": "altered", "cauda_equina_onset": {"value": 2, "unit": "days"}}
}


@pytest.fixture(scope="module")
def pool(triage: Triage) -> list[Consultation]:
    maker = BodyMaker(Random(SEED), limits_of(triage.rulebook))
    bodies = [FIRST, FIRST | LATER, SADDLE, *(maker.body() for _ in range(BODIES))]
    return [Consultation.model_validate(body) for body in bodies]


def _note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), DAY)


def _category(note: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [category for category in note["categories"] if category["category"] == name]
    return dict(found)


def test_a_note_written_fast_is_the_encoded_note_byte_for_byte(pool: list[Consultation], triage: Triage) -> None:
    for consultation in pool:
        note = triage.note(consultation, DAY)
        assert triage.write(consultation, DAY) == (note, encode(note))


def test_a_note_of_every_category_written_fast_is_that_encoded_note(pool: list[Consultation], triage: Triage) -> None:
    for consultation in pool[::4]:
        note = triage.note(consultation, DAY, every_category=True)
        assert triage.write(consultation, DAY, every_category=True)[1] == encode(note)


def test_a_revision_written_fast_is_the_encoded_revision(pool: list[Consultation], triage: Triage) -> None:
    for before, after in zip(pool[::4], pool[1::4], strict=False):
        previous = json.loads(triage.write(before, DAY)[1])
        note = triage.note(after, DAY, previous)
        assert triage.write(after, DAY, previous) == (note, encode(note))
        assert note["changes"]


def test_a_note_does_not_depend_on_what_was_judged_before_it(pool: list[Consultation], triage: Triage) -> None:
    fresh = Triage(triage.rulebook)
    for consultation in reversed(pool[:60]):
        assert fresh.write(consultation, DAY)[1] == triage.write(consultation, DAY)[1]


def test_every_note_of_the_pool_has_the_published_shape(pool: list[Consultation], triage: Triage) -> None:
    for consultation in pool:
        Note.model_validate_json(triage.write(consultation, DAY)[1])


def test_the_reasons_carry_the_values_that_decided(triage: Triage) -> None:
    fusion = _category(_note(triage, FIRST), "lumbar_decompression_and_fusion")
    shown = {
        fact["fact"]: (fact["value"], fact.get("unit"), fact.get("level")) for r in fusion["for"] for fact in r["facts"]
    }
    assert shown["imaging.levels.spondylolisthesis.translation_mm"] == (4.5, "mm", "L4-L5")
    assert shown["imaging.levels.spondylolisthesis.type"] == ("degenerative", None, "L4-L5")
    assert shown["complaint.leg_pain"] == (6, "0-10", None)
    assert fusion["levels"] == ["L4-L5"]


def test_a_present_red_flag_shows_the_fact_that_raised_it(triage: Triage) -> None:
    flags = [flag for flag in _note(triage, SADDLE)["red_flags"] if flag["status"] == "present"]
    assert flags[0]["urgency"] == "emergency"
    assert flags[0]["action"]
    facts = {fact["fact"]: fact["value"] for flag in flags for reason in flag["because"] for fact in reason["facts"]}
    assert facts["complaint.saddle_sensation"] == "altered"


def test_a_stated_range_is_shown_as_it_was_stated(triage: Triage) -> None:
    note = _note(triage, FIRST)
    assert note["known_facts"]["complaint.duration"] == {"at_least": 4, "at_most": 5, "unit": "months"}


def test_the_first_example_is_open_and_names_the_technique_with_how_well_its_claims_are_supported(
    triage: Triage,
) -> None:
    note = _note(triage, FIRST)
    assert (note["urgency"]["at_most"], note["urgency"]["settled"]) == ("emergency", False)
    fusion = _category(note, "lumbar_decompression_and_fusion")
    assert fusion["status"] == "needs_information"
    (technique,) = [t for t in fusion["techniques"] if t["technique"] == "mis_tlif"]
    assert all(claim["support"] and claim["sources"] for claim in technique["known"])
    assert {claim["support"] for claim in technique["known"]} > {"well_supported", "uncertain"}


def test_what_a_nurse_finds_out_settles_the_first_example(triage: Triage) -> None:
    note = _note(triage, FIRST | LATER)
    assert note["urgency"]["settled"]
    for name in ("lumbar_decompression", "lumbar_decompression_and_fusion"):
        assert _category(note, name)["status"] == "discussable_with_uncertainty"
        assert _category(note, name)["uncertainty"]


@pytest.mark.parametrize("body", [FIRST, FIRST | LATER, SADDLE], ids=["as posted", "patched", "saddle numbness"])
def test_as_text_a_note_is_one_page(body: dict[str, Any], triage: Triage) -> None:
    lines = plain_text(_note(triage, body)).splitlines()
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 100


def test_every_note_of_the_pool_can_be_read_as_text(pool: list[Consultation], triage: Triage) -> None:
    for consultation in pool:
        note = triage.note(consultation, DAY)
        text = plain_text(note)
        assert text.startswith(note["headline"][:40])
        assert max(map(len, text.splitlines())) <= 100
        assert not re.search(r"_|[^\s.] None\b|\b(True|False|nan|inf)\b", text)


def test_a_consideration_that_waits_for_facts_is_noted_when_it_holds_and_never_asked_after(triage: Triage) -> None:
    waiting = {rule.id for rule in triage.rulebook.rules if rule.concludes.consideration and rule.shown_from}
    note = triage.note(Consultation.model_validate(FIRST), DAY)
    assert "rheumatology.three-features" in waiting
    assert not {rule for question in note["questions"] for rule in question["affects"]} & waiting


def test_a_finding_told_only_by_a_detail_is_shown_by_that_detail_at_its_level(triage: Triage) -> None:
    herniated = {"level": "L5-S1", "herniation": {"side": "left"}}
    body = {
        "complaint": {"regions": ["lumbar"], "dominance": "limb"},
        "imaging": [{"modality": "mri", "levels": [herniated]}],
    }
    discectomy = _category(_note(triage, body), "lumbar_discectomy")
    assert discectomy["levels"] == ["L5-S1"]
    shown = [(fact["fact"], fact["value"], fact.get("level")) for fact in discectomy["for"][0]["facts"]]
    assert ("imaging.levels.herniation.side", "left", "L5-S1") in shown
