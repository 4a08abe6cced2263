"""The traps of the vocabulary: what looks alike and is not, and what may not be guessed."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.triage import Consultation, faults_of
from app.triage.facts import registry
from app.triage.known import learn
from tests.laws.reference import decode

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _is_accepted(body: dict[str, Any]) -> bool:
    try:
        return not faults_of(Consultation.model_validate(body))
    except ValidationError:
        return False


def _refusal(body: dict[str, Any]) -> str:
    """What is wrong, and what would be right where the vocabulary says so."""
    with pytest.raises(ValidationError) as refused:
        Consultation.model_validate(body)
    return " ".join(
        [str(refused.value), *(error.get("ctx", {}).get("allowed", "") for error in refused.value.errors())]
    )


def _complaint(**answers: Any) -> dict[str, Any]:
    return {"complaint": {"regions": ["lumbar"], **answers}}


def _level(level: str, modality: str = "radiograph", **findings: Any) -> dict[str, Any]:
    return LUMBAR | {"imaging": [{"modality": modality, "levels": [{"level": level, **findings}]}]}


def _alignment(**angles: Any) -> dict[str, Any]:
    return LUMBAR | {"imaging": [{"modality": "radiograph", "alignment": angles}]}


def _top(body: dict[str, Any], name: str) -> Any:
    return decode(registry()[None][name], learn(Consultation.model_validate(body)).frame)


def _row(body: dict[str, Any], table: str, name: str) -> Any:
    return decode(registry()[table][name], learn(Consultation.model_validate(body)).rows[table][0].frame)


def test_a_pain_of_zero_is_an_answer() -> None:
    assert _top(_complaint(leg_pain=0), "complaint.leg_pain") == (0, 0)
    assert _top(_complaint(), "complaint.leg_pain") == (0, 10)


def test_grade_five_is_full_strength_and_zero_is_none() -> None:
    for grade, expected in ((5, 5.0), (0, 0.0), ("4", 4.0)):
        motor = [{"movement": "knee_extension", "side": "left", "grade": grade}]
        assert _row(LUMBAR | {"examination": {"motor": motor}}, "deficit", "grade") == (expected, expected)


def test_four_minus_lies_between_three_and_four_and_four_plus_between_four_and_five() -> None:
    minus, plus = (
        _row(
            LUMBAR | {"examination": {"motor": [{"movement": "knee_extension", "side": "left", "grade": grade}]}},
            "deficit",
            "grade",
        )
        for grade in ("4-", "4+")
    )
    assert 3 < minus[0] == minus[1] < 4 < plus[0] == plus[1] < 5


@pytest.mark.parametrize("grade", [6, -1, "5-", "3+", 4.5, True])
def test_a_grade_that_does_not_exist_is_refused(grade: Any) -> None:
    motor = [{"movement": "knee_extension", "side": "left", "grade": grade}]
    assert not _is_accepted(LUMBAR | {"examination": {"motor": motor}})


def test_there_is_a_root_c8_and_no_vertebra_c8() -> None:
    assert _is_accepted(_complaint(dermatomes=["C8"]))
    assert "C8 is a nerve root" in _refusal(_level("C8", fracture={"age": "recent"}))
    sensory = [{"root": "C8", "side": "left", "kind": "reduced"}]
    assert _is_accepted(LUMBAR | {"examination": {"sensory": sensory}})


@pytest.mark.parametrize("level", ["L5-L6", "L6-S1", "T12-T13", "T13-L1", "T11-L1", "S1-S2", "C0-C1", "C7-T1"])
def test_transitional_and_junctional_segments_can_be_named(level: str) -> None:
    assert _is_accepted(_level(level, disc_height="normal"))


@pytest.mark.parametrize("level", ["L6", "T13", "C7", "S5"])
def test_transitional_vertebrae_can_be_named(level: str) -> None:
    assert _is_accepted(_level(level, fracture={"age": "old"}))


@pytest.mark.parametrize("level", ["L3-L5", "L5-L4", "L4-L4", "C7-L1", "T12-L2", "L4-S1"])
def test_a_segment_joins_neighbours_from_above_to_below(level: str) -> None:
    assert "not one motion segment" in _refusal(_level(level, disc_height="normal"))


@pytest.mark.parametrize("level", ["", "L", "L7", "l4-l5", "L4/L5", "L4-5", "S6", "X1", "L4-L5 "])
def test_a_level_in_other_words_is_refused_with_an_example(level: str) -> None:
    assert "L4-L5" in _refusal(_level(level, disc_height="normal"))


def test_findings_belong_to_their_kind_of_level() -> None:
    assert "belongs to a vertebra" in _refusal(_level("L4-L5", fracture={"age": "recent"}))
    assert "belongs to a motion segment" in _refusal(_level("L4", disc_height="normal"))


@pytest.mark.parametrize(
    ("modality", "finding", "right"),
    [
        ("radiograph", {"herniation": {"type": "extrusion"}}, "ct or mri"),
        ("radiograph", {"stenosis": {"central": "severe"}}, "ct or mri"),
        ("radiograph", {"cord_compression": True}, "ct or mri"),
        ("ct", {"cord_signal_change": True}, "mri"),
        ("mri", {"spondylolisthesis": {"translation_mm": 4}}, "radiograph"),
    ],
)
def test_a_modality_cannot_report_what_it_cannot_show(modality: str, finding: dict[str, Any], right: str) -> None:
    refusal = _refusal(_level("L4-L5", modality, **finding))
    assert f"a {modality} cannot show" in refusal
    assert right in refusal


def test_lordosis_is_signed_and_a_pelvic_incidence_above_a_hundred_is_real() -> None:
    body = _alignment(lumbar_lordosis_deg=-13, pelvic_incidence_deg=103)
    assert _top(body, "imaging.alignment.lumbar_lordosis_deg") == (-13, -13)
    assert _top(body, "imaging.alignment.pi_minus_ll_deg") == (116, 116)


@pytest.mark.parametrize(
    ("offset", "millimetres"),
    [({"value": 4, "unit": "cm"}, 40), ({"value": 4, "unit": "mm"}, 4), ({"value": -1.5, "unit": "cm"}, -15)],
)
def test_a_plumb_line_is_read_in_the_unit_it_was_given_in(offset: dict[str, Any], millimetres: float) -> None:
    body = _alignment(sagittal_vertical_axis=offset)
    assert _top(body, "imaging.alignment.sagittal_vertical_axis") == (millimetres, millimetres)


@pytest.mark.parametrize("offset", [40, {"value": 40}, {"value": 50, "unit": "cm"}, {"value": 4, "unit": "inch"}])
def test_a_plumb_line_without_its_unit_or_outside_its_range_is_refused(offset: Any) -> None:
    assert not _is_accepted(_alignment(sagittal_vertical_axis=offset))


def test_seven_and_a_half_percent_is_fifty_eight_mmol_per_mol() -> None:
    percent = LUMBAR | {"history": {"hba1c": {"value": 7.5, "unit": "percent"}}}
    millimoles = LUMBAR | {"history": {"hba1c": {"value": 58, "unit": "mmol_per_mol"}}}
    assert _top(percent, "history.hba1c") == (7.5, 7.5)
    assert _top(millimoles, "history.hba1c") == (7.5, 7.5)


@pytest.mark.parametrize(
    "value", [7.5, {"value": 58, "unit": "percent"}, {"value": 7.5, "unit": "mmol_per_mol"}, {"value": 58}]
)
def test_a_glycated_haemoglobin_in_the_wrong_unit_is_refused(value: Any) -> None:
    assert not _is_accepted(LUMBAR | {"history": {"hba1c": value}})


def test_a_neck_disability_says_its_scale() -> None:
    raw, percent = (LUMBAR | {"scores": {"ndi": {"value": 24, "scale": scale}}} for scale in ("raw", "percent"))
    assert (_top(raw, "scores.ndi"), _top(percent, "scores.ndi")) == ((48, 48), (24, 24))
    assert not _is_accepted(LUMBAR | {"scores": {"ndi": 24}})
    assert not _is_accepted(LUMBAR | {"scores": {"ndi": {"value": 51, "scale": "raw"}}})


def test_a_slip_in_millimetres_over_its_endplate_is_a_percentage() -> None:
    slip = {"type": "degenerative", "slip_mm": 6, "endplate_mm": 36}
    low, high = _row(_level("L4-L5", spondylolisthesis=slip), "level", "spondylolisthesis.slip_percent")
    assert low == high == pytest.approx(16.67, abs=0.01)


def test_a_slip_in_millimetres_without_its_endplate_is_only_a_range_of_percentages() -> None:
    slip = {"type": "degenerative", "slip_mm": 7}
    low, high = _row(_level("L4-L5", spondylolisthesis=slip), "level", "spondylolisthesis.slip_percent")
    assert (low, high) == pytest.approx((10, 70))


def test_the_age_at_onset_is_not_the_age() -> None:
    body = LUMBAR | {"patient": {"age": 61}, "history": {"age_at_onset": 34}}
    assert (_top(body, "patient.age"), _top(body, "history.age_at_onset")) == ((61, 61), (34, 34))
    assert _top(LUMBAR | {"history": {"age_at_onset": 34}}, "patient.age") == (0, 120)


def test_four_to_five_months_stays_a_range() -> None:
    body = _complaint(duration={"at_least": 4, "at_most": 5, "unit": "months"})
    assert _top(body, "complaint.duration") == (4 * 30.4375, 5 * 30.4375)


def test_more_than_six_weeks_has_no_upper_end() -> None:
    assert _top(_complaint(duration={"at_least": 6, "unit": "weeks"}), "complaint.duration") == (42, 36_500)


@pytest.mark.parametrize(
    "duration",
    [
        5,
        "4-5 months",
        {"value": 5},
        {"unit": "months"},
        {"at_least": 5, "at_most": 4, "unit": "months"},
        {"value": 4, "at_most": 5, "unit": "months"},
        {"value": -1, "unit": "days"},
        {"value": 101, "unit": "years"},
        {"value": 4, "unit": "month"},
    ],
)
def test_a_duration_that_does_not_say_one_length_with_its_unit_is_refused(duration: Any) -> None:
    assert not _is_accepted(_complaint(duration=duration))


@pytest.mark.parametrize("body", [_complaint(leg_pain=None), LUMBAR | {"patient": None}, _complaint(bladder=[None])])
def test_null_is_refused_because_absent_already_says_it(body: dict[str, Any]) -> None:
    assert not _is_accepted(body)


@pytest.mark.parametrize(
    "body",
    [
        {"complaint": {"regions": []}},
        _complaint(bladder=[]),
        LUMBAR | {"imaging": []},
        LUMBAR | {"not_known": []},
        LUMBAR | {"history": {"prior_surgery": []}},
    ],
)
def test_an_empty_list_is_refused_because_it_could_mean_none_or_not_asked(body: dict[str, Any]) -> None:
    assert not _is_accepted(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (_complaint(bladder=["normal", "retention"]), "/complaint/bladder"),
        (_complaint(bladder=["retention", "retention"]), "/complaint/bladder/1"),
        (_complaint(numbness=["none", "trunk"]), "/complaint/numbness"),
        (LUMBAR | {"history": {"recent_procedures": ["none", "epidural"]}}, "/history/recent_procedures"),
        (_complaint(saddle_sensation="normal") | {"not_known": ["complaint.saddle_sensation"]}, "/not_known/0"),
        (LUMBAR | {"not_known": ["complaint.saddle_sensatoin"]}, "/not_known/0"),
    ],
)
def test_a_body_that_says_two_things_at_once_is_at_fault_there(body: dict[str, Any], pointer: str) -> None:
    assert [fault.pointer for fault in faults_of(Consultation.model_validate(body))] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        _complaint(leg_pain="6"),
        _complaint(leg_pain=6.5),
        _complaint(leg_pain=True),
        _complaint(night_pain="yes"),
        _complaint(night_pain=1),
        _complaint(leg_pain=11),
        _complaint(leg_pane=6),
        LUMBAR | {"patient": {"age": 52.0}},
        LUMBAR | {"patient": {"age": 121}},
    ],
)
def test_values_are_never_coerced_and_unknown_names_never_passed_over(body: dict[str, Any]) -> None:
    assert not _is_accepted(body)
