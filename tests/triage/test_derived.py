"""Facts that are worked out from others: never more certain than what they were worked out from."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage import Consultation, Triage
from app.triage.facts import registry
from app.triage.known import Known, learn
from tests.laws.knowing import TODAY
from tests.laws.reference import decode

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _top(body: dict[str, Any], name: str) -> Any:
    return decode(registry()[None][name], learn(Consultation.model_validate(LUMBAR | body)).frame)


def _slip(*slips: dict[str, Any], name: str) -> Any:
    return decode(registry()["level"][name], _known(*slips).rows["level"][0].frame)


def _known(*slips: dict[str, Any]) -> Known:
    reports = [{"modality": "ct", "levels": [{"level": "L4-L5", "spondylolisthesis": slip}]} for slip in slips]
    return learn(Consultation.model_validate(LUMBAR | {"imaging": reports}))


def _complaint(**answers: Any) -> dict[str, Any]:
    return {"complaint": {"regions": ["lumbar"], **answers}}


def test_body_mass_is_weight_over_height_squared() -> None:
    low, high = _top({"patient": {"height_cm": 170, "weight_kg": 85}}, "patient.bmi")
    assert low == high == pytest.approx(29.41, abs=0.01)


def test_body_mass_of_a_weight_alone_is_only_a_range() -> None:
    low, high = _top({"patient": {"weight_kg": 85}}, "patient.bmi")
    assert low <= 85 / 2.6**2
    assert high >= 85 / 1.2**2


@pytest.mark.parametrize("pain", [{"leg_pain": 9, "back_pain": 1}, {"leg_pain": 9, "back_pain": 1, "leg_side": "left"}])
def test_pain_scores_leave_what_the_patient_calls_worse_as_it_was_told(pain: dict[str, Any]) -> None:
    assert len(_top(_complaint(**pain), "complaint.dominance")) == 3
    assert _top(_complaint(**pain, dominance="axial"), "complaint.dominance") == {"axial"}


@pytest.mark.parametrize("told", [{}, {"osteoporosis": "none"}, {"osteoporosis": "osteopenia"}])
@pytest.mark.parametrize(("score", "thin"), [(-3.2, True), (-2.5, True), (-2.4, False)])
def test_a_t_score_of_osteoporosis_counts_whatever_was_told_of_the_bone(
    told: dict[str, str], score: float, thin: bool, triage: Triage
) -> None:
    body = LUMBAR | {"patient": {"age": 72, "sex": "female"}, "history": {**told, "t_score": score, "steroids": "none"}}
    note = triage.note(Consultation.model_validate(body), TODAY)
    assert ("contradiction.bone-density" in {c["rule"] for c in note["contradictions"]}) == (thin and bool(told))
    mentioned = "preoperative.bone-density" in {c["rule"] for c in note["considerations"]}
    assert mentioned == (thin or told.get("osteoporosis") == "osteopenia")


def test_lordosis_below_zero_adds_to_the_mismatch() -> None:
    film = {"modality": "radiograph", "alignment": {"pelvic_incidence_deg": 65, "lumbar_lordosis_deg": -13}}
    assert _top({"imaging": [film]}, "imaging.alignment.pi_minus_ll_deg") == (78, 78)


def test_without_the_lordosis_the_mismatch_is_only_a_range() -> None:
    film = {"modality": "radiograph", "alignment": {"pelvic_incidence_deg": 65}}
    low, high = _top({"imaging": [film]}, "imaging.alignment.pi_minus_ll_deg")
    assert (low, high) == (-55, 125)


def test_no_slip_has_no_extent() -> None:
    assert _slip({"type": "none"}, name="spondylolisthesis.slip_percent") == (0, 0)
    assert _slip({"type": "none"}, name="meyerding") == (0, 0)


def test_a_slip_of_unknown_extent_has_an_unknown_grade() -> None:
    assert _slip({"type": "degenerative"}, name="meyerding") == (0, 5)


def test_millimetres_and_endplate_of_two_reports_are_not_mixed_into_a_smaller_slip() -> None:
    slips = ({"type": "isthmic", "slip_mm": 20, "endplate_mm": 40}, {"type": "isthmic", "endplate_mm": 60})
    _, high = _slip(*slips, name="spondylolisthesis.slip_percent")
    assert high >= 50


def test_a_larger_slip_of_a_later_report_counts_in_the_grade() -> None:
    slips = ({"type": "isthmic", "slip_percent": 20}, {"type": "isthmic", "slip_percent": 60})
    assert _slip(*slips, name="meyerding") == _slip(*slips[::-1], name="meyerding") == (3, 3)


@pytest.mark.parametrize(("percent", "counts"), [(5, (10, 70)), (80, (80, 80)), (10, (10, 10)), (40, (40, 40))])
def test_without_the_endplate_a_slip_in_millimetres_still_bounds_the_percentage(
    percent: int, counts: tuple[float, float]
) -> None:
    known = _known({"type": "isthmic", "slip_percent": percent, "slip_mm": 7})
    row = known.rows["level"][0]
    assert decode(registry()["level"]["spondylolisthesis.slip_percent"], row.frame) == pytest.approx(counts)
    shown = [d["fact"] for d in known.disagreements]
    assert shown == ([] if 10 <= percent <= 70 else ["spondylolisthesis.slip_percent"])


def test_rounding_between_two_ways_to_measure_a_slip_is_shown_only_where_it_decides_the_grade() -> None:
    for percent, shown in ((20, 0), (25, 1)):
        known = _known({"type": "isthmic", "slip_percent": percent, "slip_mm": 10.3 * percent / 25, "endplate_mm": 40})
        assert len(known.disagreements) == shown
        grade = decode(registry()["level"]["meyerding"], known.rows["level"][0].frame)
        assert grade == ((2, 2) if shown else (1, 1))


def test_a_report_that_covers_the_region_and_measures_a_slip_in_millimetres_does_not_say_that_it_is_of_grade_0() -> (
    None
):
    slip = {"level": "L3-L4", "spondylolisthesis": {"slip_mm": 18.4}}
    report = {"modality": "mri", "covers": ["lumbar"], "levels": [slip]}
    (row,) = learn(Consultation.model_validate({**LUMBAR, "imaging": [report]})).rows["level"]
    assert decode(registry()["level"]["meyerding"], row.frame) == (2, 5)


def test_a_report_that_names_a_fracture_and_not_its_shape_leaves_the_shape_open() -> None:
    found = {"level": "L1", "fracture": {"age": "recent", "height_loss_percent": 30}}
    report = {"modality": "ct", "covers": ["lumbar"], "levels": [found]}
    (row,) = learn(Consultation.model_validate({**LUMBAR, "imaging": [report]})).rows["level"]
    facts = registry()["level"]
    assert decode(facts["fracture.posterior_wall"], row.frame) == {"yes", "no"}
    assert decode(facts["fracture.height_loss_percent"], row.frame) == (30, 30)
    assert decode(facts["lesion.type"], row.frame) == {"none"}


@pytest.mark.parametrize(("level", "possible"), [("C2", 4), ("C3", 1), ("L1", 1)])
def test_only_the_second_neck_vertebra_has_a_dens_to_break(level: str, possible: int) -> None:
    report = {"modality": "ct", "levels": [{"level": level, "fracture": {"age": "recent"}}]}
    (row,) = learn(Consultation.model_validate({**LUMBAR, "imaging": [report]})).rows["level"]
    assert len(decode(registry()["level"]["fracture.odontoid_type"], row.frame)) == possible


def _row(level: str, **findings: Any) -> Any:
    report = {"modality": "mri", "covers": ["lumbar"], "levels": [{"level": level, **findings}]}
    (row,) = learn(Consultation.model_validate({**LUMBAR, "imaging": [report]})).rows["level"]
    return row.frame


@pytest.mark.parametrize(("grade", "least", "most"), [(0, 0, 0), (1, 0, 25), (2, 25, 50), (4, 75, 100), (5, 100, 150)])
def test_a_reported_meyerding_grade_bounds_the_slip_and_is_the_grade(grade: int, least: float, most: float) -> None:
    frame = _row("L4-L5", spondylolisthesis={"type": "degenerative", "meyerding_grade": grade})
    facts = registry()["level"]
    assert decode(facts["meyerding"], frame) == (grade, grade)
    assert decode(facts["spondylolisthesis.slip_percent"], frame) == pytest.approx((least, most), abs=0.001)


def test_a_reported_genant_grade_bounds_the_loss_of_height() -> None:
    loss = registry()["level"]["fracture.height_loss_percent"]
    assert decode(loss, _row("L1", fracture={"age": "old", "genant_grade": 2})) == (25, 40)
    assert decode(loss, _row("L1", fracture={"age": "old", "genant_grade": 3})) == pytest.approx((40, 100), abs=0.001)


@pytest.mark.parametrize(
    ("level", "part", "name", "word", "leaves"),
    [
        ("L4-L5", "stenosis", "central", "unspecified", {"mild", "moderate", "severe"}),
        ("L4-L5", "herniation", "type", "unspecified", {"protrusion", "extrusion", "sequestration"}),
        ("L1", "fracture", "age", "unspecified", {"old", "recent"}),
        ("L1", "fracture", "morphology", "burst", {"incomplete_burst", "complete_burst"}),
        ("L1", "lesion", "type", "unspecified", {"blastic", "mixed", "lytic"}),
    ],
)
def test_a_word_that_gives_no_grade_leaves_every_grade_and_never_none(
    level: str, part: str, name: str, word: str, leaves: set[str]
) -> None:
    frame = _row(level, **{part: {name: word}})
    assert decode(registry()["level"][f"{part}.{name}"], frame) == leaves


def test_a_report_that_says_more_exactly_what_another_says_does_not_differ_from_it() -> None:
    stenosis = registry()["level"]["stenosis.central"]
    words = ["unspecified", "severe"]
    for order in (words, words[::-1]):
        reports = [{"modality": "mri", "levels": [{"level": "L4-L5", "stenosis": {"central": word}}]} for word in order]
        known = learn(Consultation.model_validate(LUMBAR | {"imaging": reports}))
        assert decode(stenosis, known.rows["level"][0].frame) == {"severe"}
        assert known.disagreements == []


def test_narrowing_without_a_grade_is_asked_for_and_never_read_as_severe_or_as_none(triage: Triage) -> None:
    mri = {"modality": "mri", "levels": [{"level": "L4-L5", "stenosis": {"central": "unspecified"}}]}
    body = {"complaint": {"regions": ["lumbar"], "leg_pain": 7}, "imaging": [mri]}
    note = triage.note(Consultation.model_validate(body), TODAY)
    (found,) = [entry for entry in note["categories"] if entry["category"] == "lumbar_decompression"]
    assert found["status"] == "needs_information"
    assert "imaging.levels.stenosis.central" in found["ask"]


def _contradicted(level: str, **findings: Any) -> tuple[Any, list[str]]:
    report = {"modality": "mri", "levels": [{"level": level, **findings}]}
    known = learn(Consultation.model_validate({**LUMBAR, "imaging": [report]}))
    return known.rows["level"][0].frame, [d["fact"] for d in known.disagreements]


@pytest.mark.parametrize(
    ("slip", "grade"),
    [
        ({"slip_percent": 11, "meyerding_grade": 2}, (2, 2)),
        ({"slip_mm": 4, "endplate_mm": 35, "meyerding_grade": 3}, (3, 3)),
        ({"slip_percent": 60, "meyerding_grade": 1}, (3, 3)),
    ],
)
def test_of_a_grade_and_a_measure_that_differ_the_larger_slip_counts_and_both_are_shown(
    slip: dict[str, Any], grade: tuple[int, int]
) -> None:
    frame, shown = _contradicted("L4-L5", spondylolisthesis={"type": "degenerative", **slip})
    assert decode(registry()["level"]["meyerding"], frame) == grade
    assert shown == ["spondylolisthesis.meyerding_grade"]


def test_the_readers_genant_grade_outranks_the_figure_beside_it() -> None:
    frame, shown = _contradicted("L1", fracture={"age": "old", "height_loss_percent": 10, "genant_grade": 3})
    assert decode(registry()["level"]["fracture.height_loss_percent"], frame) == pytest.approx((40, 100), abs=0.001)
    assert shown == ["fracture.genant_grade"]


def test_a_grade_that_its_measure_allows_is_no_contradiction() -> None:
    _, shown = _contradicted("L4-L5", spondylolisthesis={"type": "degenerative", "slip_mm": 6, "meyerding_grade": 1})
    assert shown == []


@pytest.mark.parametrize("detail", [{"ligament_complex": "disrupted"}, {"kyphosis_deg": 20}])
def test_torn_ligaments_or_a_bend_tell_of_a_fracture_whatever_a_covering_report_is_silent_about(
    detail: dict[str, Any],
) -> None:
    assert "none" not in decode(registry()["level"]["fracture.age"], _row("L1", fracture=detail))


def test_a_cord_pressed_at_a_segment_is_pressed_at_the_vertebrae_that_it_joins() -> None:
    levels = [{"level": "C5", "fracture": {"age": "recent"}}, {"level": "C5-C6", "cord_compression": True}]
    report = {"modality": "mri", "covers": ["cervical"], "levels": levels}
    known = learn(Consultation.model_validate({"complaint": {"regions": ["cervical"]}, "imaging": [report]}))
    pressed = registry()["level"]["cord_compression"]
    assert [decode(pressed, row.frame) for row in known.rows["level"]] == [{"yes"}, {"yes"}]
