"""What several answers together say of one that was denied for its whole group, or not given."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.triage import Consultation, Rulebook, Triage
from app.triage.facts import registry
from app.triage.hints import NEW_PAIN_DAYS, SEVERE_PAIN
from app.triage.known import Known, learn
from app.triage.screening import GROUPS
from tests.laws.knowing import TODAY
from tests.laws.reference import decode

ALL_NONE = dict.fromkeys(GROUPS, "none")
BILATERAL = {"leg_side": "bilateral", "duration": {"value": 5, "unit": "days"}}
SUDDEN = {"onset": "sudden", "back_pain": 8}
HINTED: list[tuple[str, str, dict[str, Any]]] = [
    ("complaint.new_bilateral_leg_pain", "cauda_equina", {"complaint": BILATERAL}),
    ("complaint.new_bilateral_leg_pain", "cauda_equina", {"complaint": {"leg_side": "bilateral", "onset": "sudden"}}),
    ("complaint.sudden_severe_pain", "vessels_and_organs", {"complaint": SUDDEN}),
    ("complaint.sudden_severe_pain", "vessels_and_organs", {"complaint": {"onset": "sudden", "neck_pain": 7}}),
    ("scores.phq9_item9", "mood", {"scores": {"phq9": 25}}),
]
NOT_HINTED: list[dict[str, Any]] = [
    {"complaint": {"leg_side": "left", "duration": BILATERAL["duration"]}},
    {"complaint": {"leg_side": "bilateral"}},
    {"complaint": {"leg_side": "bilateral", "duration": {"value": 15, "unit": "days"}}},
    {"complaint": {"leg_side": "bilateral", "duration": {"at_least": 5, "unit": "days"}}},
    {"complaint": {"onset": "sudden"}},
    {"complaint": {"onset": "sudden", "leg_pain": 6}},
    {"complaint": {"onset": "gradual", "leg_pain": 9}},
    {"scores": {"phq9": 24}},
]


def _body(*parts: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}
    for part in parts:
        for section, answers in copy.deepcopy(part).items():
            body[section] = body.get(section, {}) | answers
    return body


def _known(*parts: dict[str, Any]) -> Known:
    return learn(Consultation.model_validate(_body(*parts)))


def _set(name: str, known: Known) -> Any:
    return decode(registry()[None][name], known.frame)


@pytest.mark.parametrize(("name", "group", "told"), HINTED)
def test_a_none_that_other_answers_speak_against_is_shown_and_answers_nothing(
    name: str, group: str, told: dict[str, Any], triage: Triage
) -> None:
    screened = {"screening": ALL_NONE}
    assert _set(name, _known(told, screened)) == _set(name, _known(told)) != _set(name, _known(screened))
    shown = triage.note(Consultation.model_validate(_body(told, screened)), TODAY)["contradictions"]
    assert [item["fact"] for item in shown] == [f"screening.{group}"]


@pytest.mark.parametrize("told", NOT_HINTED)
def test_what_says_nothing_against_a_none_leaves_it_standing(told: dict[str, Any]) -> None:
    assert _known(told, {"screening": ALL_NONE}).disagreements == []


@pytest.mark.parametrize(("name", "group", "told"), [hint for hint in HINTED if hint[0].startswith("complaint.")])
def test_whoever_was_asked_the_very_question_and_said_no_is_believed(
    name: str, group: str, told: dict[str, Any]
) -> None:
    denied = {"complaint": {name.removeprefix("complaint."): False}}
    for parts in ((told, denied), (told, denied, {"screening": ALL_NONE})):
        assert _set(name, _known(*parts)) == {"no"}
        assert _known(*parts).disagreements == []


def test_the_limits_of_new_and_of_severe_pain_are_those_of_the_rulebook(rulebook: Rulebook) -> None:
    assert rulebook.parameters["cauda_equina_window"].value == NEW_PAIN_DAYS
    assert rulebook.parameters["severe_spinal_pain"].value == SEVERE_PAIN


@pytest.mark.parametrize(
    ("total", "item"), [(0, (0, 0)), (2, (0, 2)), (3, (0, 3)), (24, (0, 3)), (25, (1, 3)), (26, (2, 3)), (27, (3, 3))]
)
def test_a_total_of_the_phq9_bounds_its_ninth_item(total: int, item: tuple[int, int]) -> None:
    assert _set("scores.phq9_item9", _known({"scores": {"phq9": total}})) == item


@pytest.mark.parametrize(("total", "item", "counts"), [(26, 1, (2, 3)), (1, 2, (2, 2))])
def test_a_ninth_item_that_its_total_does_not_allow_is_shown_and_the_worse_reading_counts(
    total: int, item: int, counts: tuple[int, int]
) -> None:
    known = _known({"scores": {"phq9": total, "phq9_item9": item}})
    assert _set("scores.phq9_item9", known) == counts
    assert [d["fact"] for d in known.disagreements] == ["scores.phq9_item9"]


def test_a_ninth_item_that_its_total_allows_stands_as_stated() -> None:
    known = _known({"scores": {"phq9": 26, "phq9_item9": 2}})
    assert _set("scores.phq9_item9", known) == (2, 2)
    assert known.disagreements == []


NECK = {"kind": "fusion", "approach": "anterior", "levels": ["C5-C6"], "ago": {"value": 3, "unit": "weeks"}}


def _without(*names: str, **other: Any) -> dict[str, Any]:
    return {name: value for name, value in (NECK | other).items() if name not in names}


@pytest.mark.parametrize(
    ("operation", "certain"),
    [
        (NECK, True),
        (_without(kind="disc_replacement", approach="combined", levels=["C7-T1", "T1-T2"]), True),
        (_without("levels"), None),
        (_without("approach"), None),
        (_without(levels=["L5-S1"]), None),
        (_without(approach="posterior"), None),
        (_without(kind="decompression"), None),
        (_without(ago={"value": 13, "unit": "weeks"}), None),
    ],
)
def test_a_listed_operation_is_one_through_the_front_of_the_neck_only_where_all_of_it_says_so(
    operation: dict[str, Any], certain: bool | None
) -> None:
    known = _known({"history": {"prior_surgery": [operation]}})
    certainly, possibly = _set("history.recent_procedures", known)
    assert ("anterior_neck_surgery" in certainly) == bool(certain)
    assert "anterior_neck_surgery" in possibly
    assert known.disagreements == []


@pytest.mark.parametrize(
    ("named", "operation", "shown"),
    [
        (["anterior_neck_surgery"], NECK, False),
        (["anterior_neck_surgery"], _without("levels"), False),
        (["anterior_neck_surgery"], _without(levels=["L5-S1"]), True),
        (["spine_surgery"], NECK, True),
        (["spine_surgery"], _without("levels"), False),
        (["none"], NECK, True),
    ],
)
def test_a_listed_operation_disagrees_only_with_procedures_that_do_not_name_it(
    named: list[str], operation: dict[str, Any], shown: bool
) -> None:
    known = _known({"history": {"recent_procedures": named, "prior_surgery": [operation]}})
    assert [d["fact"] for d in known.disagreements] == ["history.recent_procedures"] * shown
    certainly, _ = _set("history.recent_procedures", known)
    assert ("anterior_neck_surgery" in certainly) == (operation == NECK or named == ["anterior_neck_surgery"])
