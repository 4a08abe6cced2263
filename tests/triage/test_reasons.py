"""A reason says what is known; where it only says what may be so, a reader sees that."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage import Consultation, Note, Triage, plain_text
from app.triage.page.words import facts
from tests.laws.knowing import TODAY

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    note = triage.note(Consultation.model_validate(LUMBAR | body), TODAY)
    Note.model_validate(note)
    return note


def _reasons(note: dict[str, Any], fact: str) -> list[dict[str, Any]]:
    return [
        shown
        for flag in note["red_flags"]
        for reason in flag["because"]
        for shown in reason["facts"]
        if shown["fact"] == fact
    ]


def test_a_list_of_what_may_be_so_says_that_nobody_knows_which(triage: Triage) -> None:
    body = {"history": {"cancer_types": ["breast"]}, "complaint": {"regions": ["lumbar"], "night_pain": True}}
    note = _note(triage, body)
    shown = _reasons(note, "history.cancer")
    assert shown
    for reason in shown:
        assert reason["value"] == ["past", "current", "suspected"]
        assert reason["from"] == "still possible"
    assert "cancer past, current or suspected (not known which)" in " ".join(plain_text(note).split())


def test_a_value_that_follows_from_others_is_worked_out_and_stands_alone(triage: Triage) -> None:
    operation = {"kind": "fusion", "ago": {"value": 3, "unit": "weeks"}}
    body = {"history": {"prior_surgery": [operation]}, "examination": {"temperature_c": 39}}
    (shown,) = _reasons(_note(triage, body), "history.recent_procedures")
    assert shown["value"] == ["spine_surgery"]
    assert shown["from"] == "worked out"


def test_of_many_possible_values_the_first_few_are_read_out() -> None:
    types = ["degenerative", "isthmic", "dysplastic", "traumatic", "pathologic"]
    shown = {"fact": "imaging.levels.spondylolisthesis.type", "label": "kind of slip", "from": "still possible"}
    assert (
        facts([shown | {"value": types}])
        == " [kind of slip degenerative, isthmic, dysplastic or 2 more (not known which)]"
    )
    assert facts([shown | {"value": types[:2]}]) == " [kind of slip degenerative or isthmic (not known which)]"


@pytest.mark.parametrize("age", [3, 12, 17])
def test_the_age_of_a_minor_is_not_called_unusual_and_the_note_says_who_reviews_it(age: int, triage: Triage) -> None:
    note = _note(triage, {"patient": {"age": age}})
    assert [warning for warning in note["warnings"] if warning["fact"] == "patient.age"] == []
    (scope,) = (category for category in note["categories"] if category["category"] == "outside_scope")
    assert any("adult rules do not hold" in reason["text"] for reason in scope["for"])


def test_an_age_beyond_nearly_everybodys_is_still_called_unusual(triage: Triage) -> None:
    warnings = _note(triage, {"patient": {"age": 118}})["warnings"]
    assert [warning["fact"] for warning in warnings] == ["patient.age"]
