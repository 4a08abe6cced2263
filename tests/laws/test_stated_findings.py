"""What was stated is never taken for absent because a detail beside it was left out, and the worse reading counts."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage import Consultation, Triage, plain_text
from app.triage.facts import registry
from app.triage.known import learn
from tests.laws.knowing import GROUPS, TODAY, assert_narrower
from tests.laws.reference import decode

ALL_NONE = dict.fromkeys(GROUPS, "none")


def _body(screening: dict[str, str] | None = None, **sections: Any) -> dict[str, Any]:
    return {
        "patient": {"age": 52},
        "complaint": {"regions": ["lumbar"], "leg_pain": 6},
        **({"screening": screening} if screening else {}),
        **sections,
    }


def _note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), TODAY)


def _level(modality: str, covers: bool, **findings: Any) -> list[dict[str, Any]]:
    return [{"modality": modality, "levels": [findings], **({"covers": ["lumbar"]} if covers else {})}]


@pytest.mark.parametrize("covers", [False, True])
@pytest.mark.parametrize(
    ("fact", "group", "finding"),
    [
        (
            "fracture.age",
            "injury",
            {"level": "L1", "fracture": {"morphology": "complete_burst", "retropulsion_percent": 40}},
        ),
        (
            "lesion.type",
            "cancer",
            {"level": "L1", "lesion": {"body_involved_percent": 70, "posterolateral": "bilateral"}},
        ),
    ],
)
def test_a_fracture_or_lesion_described_without_its_first_word_is_neither_absent_nor_routine(
    fact: str, group: str, finding: dict[str, Any], covers: bool, triage: Triage
) -> None:
    for screening in (ALL_NONE, {name: "none" for name in GROUPS if name != group}):
        body = _body(screening, imaging=_level("ct", covers, **finding))
        row = learn(Consultation.model_validate(body)).rows["level"][0]
        assert decode(registry()["level"][fact], row.frame) != frozenset({"none"})
        urgency = _note(triage, body)["urgency"]
        assert (urgency["at_least"], urgency["settled"]) != ("routine", True)


@pytest.mark.parametrize(
    ("fact", "modality", "finding"),
    [
        ("spondylolisthesis.type", "radiograph", {"spondylolisthesis": {"slip_percent": 30, "translation_mm": 5}}),
        ("herniation.type", "mri", {"herniation": {"root_contact": True, "side": "left"}}),
    ],
)
def test_a_slip_or_herniation_described_without_its_kind_is_of_unknown_kind_in_a_report_that_covers_the_region(
    fact: str, modality: str, finding: dict[str, Any], triage: Triage
) -> None:
    body = _body(imaging=_level(modality, covers=True, level="L4-L5", **finding))
    row = learn(Consultation.model_validate(body)).rows["level"][0]
    assert "none" not in decode(registry()["level"][fact], row.frame)


def test_a_report_that_says_no_slip_but_measures_one_is_a_contradiction(triage: Triage) -> None:
    body = _body(
        imaging=_level(
            "radiograph", covers=False, level="L4-L5", spondylolisthesis={"type": "none", "slip_percent": 40}
        )
    )
    assert _note(triage, body)["contradictions"]


def test_a_slip_in_millimetres_that_does_not_fit_the_percentage_is_a_contradiction_and_the_larger_counts(
    triage: Triage,
) -> None:
    slip = {"slip_percent": 18, "slip_mm": 20, "endplate_mm": 40}
    note = _note(triage, _body(imaging=_level("radiograph", covers=False, level="L4-L5", spondylolisthesis=slip)))
    assert note["contradictions"]
    assert [score["at_most"] for score in note["scores"] if score["score"] == "meyerding"] == [2]


@pytest.mark.parametrize("root", ["S3", "S4", "S5"])
def test_lost_feeling_in_the_saddle_roots_on_examination_is_a_saddle_change(root: str, triage: Triage) -> None:
    body = _body(ALL_NONE, examination={"sensory": [{"root": root, "side": "both", "kind": "absent"}]})
    assert _note(triage, body)["urgency"]["at_least"] in {"urgent", "emergency"}


@pytest.mark.parametrize(
    "stated",
    [
        {
            "complaint": {
                "regions": ["lumbar"],
                "cauda_equina_onset": {"value": 2, "unit": "days"},
                "cauda_equina_course": "worsening",
            }
        },
        {"history": {"since_trauma": {"value": 2, "unit": "days"}}},
        {"history": {"cancer_types": ["breast"]}},
        {"history": {"weight_lost_kg": 12}},
        {"examination": {"motor": [{"movement": "ankle_dorsiflexion", "side": "left", "course": "worsening"}]}},
        {"imaging": [{"modality": "radiograph", "several_fractures": True}]},
    ],
)
def test_a_screening_none_that_a_stated_member_contradicts_no_longer_settles_its_group(
    stated: dict[str, Any], triage: Triage
) -> None:
    note = _note(triage, _body(ALL_NONE) | stated)
    assert any(item["kind"] == "screening" for item in note["contradictions"])
    assert (note["urgency"]["at_least"], note["urgency"]["settled"]) != ("routine", True)


@pytest.mark.parametrize("grade", ["4-", "4", "4+", 0, 5])
def test_every_way_to_write_a_muscle_grade_can_be_judged(grade: Any, triage: Triage) -> None:
    motor = [{"movement": "ankle_dorsiflexion", "side": "left", "grade": grade}]
    note = _note(triage, _body(examination={"motor": motor}))
    assert ("red_flag.weakness.any" in _present(note)) == (grade != 5)


def test_a_note_whose_reason_is_an_mjoa_total_can_be_printed(triage: Triage) -> None:
    complaint = {"regions": ["cervical"], "hand_clumsiness": True}
    note = _note(triage, {"complaint": complaint, "scores": {"mjoa": {"total": 12, "version": "benzel_18"}}})
    assert "red_flag.cord.progressive_or_moderate" in _present(note)
    assert "12" in plain_text(note)


def test_the_endplate_that_shows_a_slip_to_be_larger_undoes_nothing(triage: Triage) -> None:
    def body(**endplate: int) -> dict[str, Any]:
        slip = {"type": "degenerative", "slip_mm": 40, **endplate}
        return _body(imaging=_level("radiograph", covers=False, level="L4-L5", spondylolisthesis=slip))

    assert_narrower(triage, body(), body(endplate_mm=20))


def test_the_height_that_shows_a_very_large_body_mass_undoes_nothing(triage: Triage) -> None:
    assert_narrower(
        triage, _body() | {"patient": {"weight_kg": 220}}, _body() | {"patient": {"weight_kg": 220, "height_cm": 80}}
    )


def test_the_outcome_of_a_listed_course_undoes_nothing_that_the_others_settled(triage: Triage) -> None:
    failed = {"kind": "physiotherapy", "outcome": "failed", "duration": {"value": 8, "unit": "weeks"}}
    one, two = (
        _body(treatments={"courses": [failed, course]})
        for course in ({"kind": "nsaid"}, {"kind": "nsaid", "outcome": "failed"})
    )
    assert_narrower(triage, one, two)


def _present(note: dict[str, Any]) -> set[str]:
    return {flag["rule"] for flag in note["red_flags"] if flag["status"] == "present"}
