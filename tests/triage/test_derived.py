"""Facts that are worked out from others: never more certain than what they were worked out from."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage import Consultation
from app.triage.facts import registry
from app.triage.known import learn
from tests.laws.reference import decode

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _top(body: dict[str, Any], name: str) -> Any:
    return decode(registry()[None][name], learn(Consultation.model_validate(LUMBAR | body)).frame)


def _slip(*slips: dict[str, Any], name: str) -> Any:
    reports = [{"modality": "ct", "levels": [{"level": "L4-L5", "spondylolisthesis": slip}]} for slip in slips]
    rows = learn(Consultation.model_validate(LUMBAR | {"imaging": reports})).rows["level"]
    return decode(registry()["level"][name], rows[0].frame)


def _complaint(**answers: Any) -> dict[str, Any]:
    return {"complaint": {"regions": ["lumbar"], **answers}}


def test_body_mass_is_weight_over_height_squared() -> None:
    low, high = _top({"patient": {"height_cm": 170, "weight_kg": 85}}, "patient.bmi")
    assert low == high == pytest.approx(29.41, abs=0.01)


def test_body_mass_of_a_weight_alone_is_only_a_range() -> None:
    low, high = _top({"patient": {"weight_kg": 85}}, "patient.bmi")
    assert low <= 85 / 2.6**2
    assert high >= 85 / 1.2**2


@pytest.mark.parametrize(
    ("pain", "dominance"),
    [
        ({"leg_pain": 7, "back_pain": 5}, {"limb"}),
        ({"leg_pain": 7, "back_pain": 6}, {"axial", "limb", "equal"}),
        ({"leg_pain": 9}, {"axial", "limb", "equal"}),
        ({"arm_pain": 4, "neck_pain": 2}, {"limb"}),
        ({"leg_pain": 9, "back_pain": 1, "dominance": "axial"}, {"axial"}),
    ],
)
def test_a_limb_two_points_above_the_spine_is_what_dominates(pain: dict[str, Any], dominance: set[str]) -> None:
    assert _top(_complaint(**pain), "complaint.dominance") == dominance


@pytest.mark.parametrize(
    ("score", "density"),
    [(-2.5, {"osteoporosis"}), (-2.4, {"none", "osteopenia"}), (1, {"none", "osteopenia"})],
)
def test_a_t_score_says_what_the_bone_density_is(score: float, density: set[str]) -> None:
    assert _top({"history": {"t_score": score}}, "history.osteoporosis") == density


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


def test_a_t_score_of_osteoporosis_counts_beside_a_stated_normal_density() -> None:
    assert "osteoporosis" in _top({"history": {"osteoporosis": "none", "t_score": -3.2}}, "history.osteoporosis")
