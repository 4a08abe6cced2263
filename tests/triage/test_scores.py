"""Scores at their edges, the worked examples of their tables, and what unknown parts leave open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.triage import Consultation, Triage

DAY = date(2026, 11, 23)
LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _scores(triage: Triage, body: dict[str, Any], score: str) -> list[tuple[float, float, str | None]]:
    note = triage.note(Consultation.model_validate(body), DAY)
    return [(s["at_least"], s["at_most"], s["band"]) for s in note["scores"] if s["score"] == score]


def _slip(**slip: Any) -> dict[str, Any]:
    level = {"level": "L4-L5", "spondylolisthesis": {"type": "degenerative", **slip}}
    return LUMBAR | {"imaging": [{"modality": "radiograph", "levels": [level]}]}


@pytest.mark.parametrize(
    ("percent", "grade", "band"),
    [
        (0, 0, "none"),
        (0.1, 1, "grade I"),
        (25.0, 1, "grade I"),
        (25.1, 2, "grade II"),
        (50, 2, "grade II"),
        (68, 3, "grade III"),
        (75.1, 4, "grade IV"),
        (100, 4, "grade IV"),
        (100.1, 5, "spondyloptosis"),
    ],
)
def test_an_edge_of_meyerding_belongs_to_the_lower_grade(percent: float, grade: int, band: str, triage: Triage) -> None:
    assert _scores(triage, _slip(slip_percent=percent), "meyerding") == [(grade, grade, band)]


def test_meyerding_of_six_millimetres_on_thirty_six_is_one(triage: Triage) -> None:
    assert _scores(triage, _slip(slip_mm=6, endplate_mm=36), "meyerding") == [(1, 1, "grade I")]


def test_meyerding_of_millimetres_alone_is_a_range_without_a_band(triage: Triage) -> None:
    assert _scores(triage, _slip(slip_mm=12), "meyerding") == [(1, 5, None)]


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, "severe"), (11, "severe"), (12, "moderate"), (14, "moderate"), (15, "mild"), (17, "mild"), (18, "normal")],
)
def test_mjoa_has_its_published_bands(total: int, band: str, triage: Triage) -> None:
    body = {"complaint": {"regions": ["cervical"]}, "scores": {"mjoa": {"total": total, "version": "benzel_18"}}}
    assert _scores(triage, body, "mjoa") == [(total, total, band)]


@pytest.mark.parametrize(
    "score", [14, {"total": 14}, {"total": 14, "version": "17"}, {"total": 19, "version": "benzel_18"}]
)
def test_a_modified_joa_of_another_version_is_not_taken_for_this_one(score: Any) -> None:
    with pytest.raises(ValueError, match="mjoa"):
        Consultation.model_validate(LUMBAR | {"scores": {"mjoa": score}})


@pytest.mark.parametrize(
    ("value", "band"),
    [(4, "none"), (5, "mild"), (14, "mild"), (15, "moderate"), (24, "moderate"), (25, "severe"), (35, "complete")],
)
def test_raw_neck_disability_has_the_bands_of_the_raw_score(value: int, band: str, triage: Triage) -> None:
    body = LUMBAR | {"scores": {"ndi": {"value": value, "scale": "raw"}}}
    assert [found for _, _, found in _scores(triage, body, "ndi")] == [band]


@pytest.mark.parametrize(
    ("percent", "band"),
    [(20, "minimal"), (21, "moderate"), (40, "moderate"), (41, "severe"), (81, "bed-bound or exaggerated")],
)
def test_oswestry_has_its_published_bands(percent: int, band: str, triage: Triage) -> None:
    assert _scores(triage, LUMBAR | {"scores": {"odi_percent": percent}}, "odi") == [(percent, percent, band)]


def _lesion(level: str, complaint: dict[str, Any], **lesion: Any) -> dict[str, Any]:
    levels = [{"level": level, "lesion": lesion}]
    return {"complaint": {"regions": ["thoracic"], **complaint}, "imaging": [{"modality": "ct", "levels": levels}]}


_MECHANICAL = {"pain_character": ["mechanical"], "back_pain": 7}
_PAINLESS = {"pain_character": ["none"], "back_pain": 0, "neck_pain": 0}
SINS_EXAMPLES = [
    (
        _lesion(
            "L1",
            _MECHANICAL,
            type="lytic",
            alignment="new_kyphosis_or_scoliosis",
            collapse="half_or_less",
            posterolateral="unilateral",
        ),
        13,
        "unstable",
    ),
    (
        _lesion(
            "T6",
            _PAINLESS,
            type="blastic",
            alignment="normal",
            collapse="none",
            body_involved_percent=20,
            posterolateral="none",
        ),
        1,
        "stable",
    ),
    (
        _lesion(
            "L3",
            _MECHANICAL,
            type="mixed",
            alignment="normal",
            collapse="none",
            body_involved_percent=60,
            posterolateral="none",
        ),
        7,
        "potentially unstable",
    ),
]


@pytest.mark.parametrize(("body", "total", "band"), SINS_EXAMPLES)
def test_sins_gives_the_totals_of_its_worked_examples(
    body: dict[str, Any], total: int, band: str, triage: Triage
) -> None:
    assert _scores(triage, body, "sins") == [(total, total, band)]


def test_sins_with_unknown_parts_is_the_range_that_they_leave(triage: Triage) -> None:
    body = _lesion("L1", _MECHANICAL, type="lytic")
    assert _scores(triage, body, "sins") == [(8, 18, None)]


def test_sins_of_occasional_pain_that_is_not_mechanical_is_one_point(triage: Triage) -> None:
    complaint = {"pain_character": ["localised"], "back_pain": 3}
    body = _lesion("T6", complaint, type="blastic", alignment="normal", collapse="none", body_involved_percent=20)
    assert _scores(triage, body, "sins") == [(2, 5, "stable")]


def test_sins_of_each_kind_of_place_has_its_points(triage: Triage) -> None:
    known = {"type": "blastic", "alignment": "normal", "collapse": "half_or_less", "posterolateral": "none"}
    points = {"C2": 3, "C7": 3, "T2": 3, "T11": 3, "L1": 3, "L5": 3, "S1": 3, "C3": 2, "C6": 2, "L2": 2, "L4": 2}
    points |= {"T3": 1, "T10": 1, "S2": 0, "S5": 0}
    for level, place in points.items():
        assert _scores(triage, _lesion(level, _PAINLESS, **known), "sins") == [(place + 2, place + 2, "stable")], level


@pytest.mark.parametrize("level", ["L6", "T13"])
def test_sins_of_an_extra_vertebra_is_never_said_to_be_more_certain_than_it_is(level: str, triage: Triage) -> None:
    known = {"type": "blastic", "alignment": "normal", "collapse": "half_or_less", "posterolateral": "none"}
    ((low, high, _),) = _scores(triage, _lesion(level, _PAINLESS, **known), "sins")
    assert high >= 5, "the last vertebra above the next region is junctional"
    assert low <= high


def test_mechanical_pain_counts_three_in_the_neoplastic_score_whatever_else_is_known_of_the_pain(
    triage: Triage,
) -> None:
    lesion = {"level": "L3", "lesion": {"type": "lytic"}}
    body = {
        "complaint": {"regions": ["lumbar"], "pain_character": ["mechanical"]},
        "imaging": [{"modality": "ct", "levels": [lesion]}],
    }
    note = triage.note(Consultation.model_validate(body), DAY)
    (score,) = (s for s in note["scores"] if s["score"] == "sins")
    assert set(score["used"]) >= {"location", "pain", "bone lesion"}
