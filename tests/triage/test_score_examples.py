"""The worked examples of the scores' tables, their edges and their traps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.triage import Consultation, Triage

DAY = date(2026, 11, 23)
Shown = tuple[float, float, str | None]
CALM, EITHER, TALKED = (
    "usually treated without an operation",
    "either way",
    "an operation is often talked about",
)


def _scores(triage: Triage, body: dict[str, Any], score: str) -> list[Shown]:
    note = triage.note(Consultation.model_validate(body), DAY)
    return [(s["at_least"], s["at_most"], s["band"]) for s in note["scores"] if s["score"] == score]


def _broken(level: str, nerves: str | None, cord: bool | None = None, **fracture: Any) -> dict[str, Any]:
    region = "cervical" if level.startswith("C") else "lumbar"
    findings: dict[str, Any] = {"level": level, "fracture": {"age": "recent", **fracture}}
    if cord is not None:
        findings["cord_compression"] = cord
    body: dict[str, Any] = {
        "complaint": {"regions": [region]},
        "imaging": [{"modality": "mri", "levels": [findings]}],
    }
    return body | ({"examination": {"injury_neurology": nerves}} if nerves else {})


@pytest.mark.parametrize(
    ("level", "shape", "ligaments", "nerves", "total", "band"),
    [
        ("L1", "complete_burst", "intact", "intact", 2, CALM),
        ("T12", "incomplete_burst", "indeterminate", "intact", 4, EITHER),
        ("T12", "flexion_distraction", "disrupted", "intact", 7, TALKED),
        ("L4", "complete_burst", "disrupted", "intact", 5, TALKED),
        ("T12", "compression", "intact", "complete_cord", 3, CALM),
        ("T12", "compression", "intact", "incomplete_cord", 4, EITHER),
        ("L2", "translation", "disrupted", "cauda_equina", 9, TALKED),
    ],
)
def test_tlics_adds_up_as_published(
    level: str, shape: str, ligaments: str, nerves: str, total: int, band: str, triage: Triage
) -> None:
    body = _broken(level, nerves, morphology=shape, ligament_complex=ligaments)
    assert _scores(triage, body, "tlics") == [(total, total, band)]


@pytest.mark.parametrize(
    ("shape", "ligaments", "nerves", "total", "band"),
    [
        ("compression", "intact", "intact", 1, CALM),
        ("complete_burst", "indeterminate", "intact", 6, TALKED),
        ("flexion_distraction", "disrupted", "root", 8, TALKED),
        ("incomplete_burst", "intact", "intact", 3, CALM),
        ("process_only", "intact", "intact", 0, CALM),
        ("pincer", "intact", "root", 4, EITHER),
        ("incomplete_burst", "intact", "not_examinable", 6, TALKED),
        ("compression", "intact", "complete_cord", 5, EITHER),
        ("compression", "intact", "incomplete_cord", 5, EITHER),
        ("compression", "intact", "recovered", 2, CALM),
        ("translation", "indeterminate", "cauda_equina", 13, TALKED),
    ],
)
def test_the_ao_injury_score_adds_up_as_published(
    shape: str, ligaments: str, nerves: str, total: int, band: str, triage: Triage
) -> None:
    body = _broken("L1", nerves, morphology=shape, ligament_complex=ligaments)
    assert _scores(triage, body, "ao_tl") == [(total, total, band)]


@pytest.mark.parametrize(
    ("level", "shape", "ligaments", "nerves", "cord", "total", "band"),
    [
        ("C5", "complete_burst", "intact", "incomplete_cord", True, 6, TALKED),
        ("C5", "complete_burst", "intact", "incomplete_cord", False, 5, TALKED),
        ("C6", "translation", "disrupted", "intact", None, 6, TALKED),
        ("C5", "compression", "indeterminate", "root", False, 3, CALM),
        ("C5", "flexion_distraction", "indeterminate", "intact", None, 4, EITHER),
    ],
)
def test_slic_adds_up_as_published(
    level: str, shape: str, ligaments: str, nerves: str, cord: bool | None, total: int, band: str, triage: Triage
) -> None:
    body = _broken(level, nerves, cord, morphology=shape, ligament_complex=ligaments)
    assert _scores(triage, body, "slic") == [(total, total, band)]


def test_distraction_and_translation_weigh_the_other_way_round_in_the_neck(triage: Triage) -> None:
    points = {}
    for level, score in (("L1", "tlics"), ("C5", "slic")):
        for shape in ("translation", "flexion_distraction"):
            body = _broken(level, "intact", morphology=shape, ligament_complex="intact")
            ((points[score, shape], _, _),) = _scores(triage, body, score)
    assert (points["tlics", "translation"], points["tlics", "flexion_distraction"]) == (3, 4)
    assert (points["slic", "translation"], points["slic", "flexion_distraction"]) == (4, 3)


def test_nerves_that_cannot_be_examined_leave_tlics_open_and_are_never_intact(triage: Triage) -> None:
    body = _broken("L1", "not_examinable", morphology="compression", ligament_complex="intact")
    assert _scores(triage, body, "tlics") == [(1, 4, None)]
    assert _scores(triage, body, "ao_tl") == [(4, 4, EITHER)]


def test_an_unknown_part_of_an_injury_score_leaves_a_range_and_is_named_as_missing(triage: Triage) -> None:
    body = _broken("L1", "intact", morphology="complete_burst")
    assert _scores(triage, body, "tlics") == [(2, 5, None)]
    (score,) = [s for s in triage.note(Consultation.model_validate(body), DAY)["scores"] if s["score"] == "tlics"]
    assert (score["used"], score["missing"]) == (["shape", "nerves"], ["posterior ligaments"])


@pytest.mark.parametrize(("level", "shown"), [("C2", []), ("C4", ["slic"]), ("T12", ["ao_tl", "tlics"])])
def test_each_injury_score_speaks_only_of_its_part_of_the_spine(level: str, shown: list[str], triage: Triage) -> None:
    body = _broken(level, "intact", morphology="complete_burst")
    note = triage.note(Consultation.model_validate(body), DAY)
    assert sorted(s["score"] for s in note["scores"]) == shown


def test_an_old_fracture_has_no_injury_score(triage: Triage) -> None:
    body = _broken("L1", "intact", morphology="complete_burst", height_loss_percent=30)
    body["imaging"][0]["levels"][0]["fracture"]["age"] = "old"
    note = triage.note(Consultation.model_validate(body), DAY)
    assert [s["score"] for s in note["scores"]] == ["genant"]


@pytest.mark.parametrize(
    ("loss", "band"),
    [
        (0, "below grade 1"),
        (19.9, "below grade 1"),
        (20, "grade 1"),
        (24.9, "grade 1"),
        (25, "grade 2"),
        (40, "grade 2"),
        (40.1, "grade 3"),
    ],
)
def test_genant_grades_begin_at_20_25_and_above_40_percent(loss: float, band: str, triage: Triage) -> None:
    assert _scores(triage, _broken("L1", None, height_loss_percent=loss), "genant") == [(loss, loss, band)]


def _film(**alignment: Any) -> dict[str, Any]:
    return {"complaint": {"regions": ["lumbar"]}, "imaging": [{"modality": "radiograph", "alignment": alignment}]}


@pytest.mark.parametrize(
    ("incidence", "lordosis", "mismatch", "band"),
    [
        (56, 12, 44, "++"),
        (65, -13, 78, "++"),
        (50, 45, 5, "0"),
        (50, 40, 10, "+"),
        (50, 30, 20, "+"),
        (50, 29, 21, "++"),
    ],
)
def test_the_mismatch_of_pelvis_and_lordosis_has_its_modifier(
    incidence: float, lordosis: float, mismatch: float, band: str, triage: Triage
) -> None:
    body = _film(pelvic_incidence_deg=incidence, lumbar_lordosis_deg=lordosis)
    assert _scores(triage, body, "schwab_pi_ll") == [(mismatch, mismatch, band)]


@pytest.mark.parametrize(
    ("value", "unit", "band"), [(3.9, "cm", "0"), (4, "cm", "+"), (95, "mm", "+"), (9.6, "cm", "++"), (151, "mm", "++")]
)
def test_balance_is_banded_in_whichever_unit_it_is_told(value: float, unit: str, band: str, triage: Triage) -> None:
    shown = _scores(triage, _film(sagittal_vertical_axis={"value": value, "unit": unit}), "schwab_sva")
    assert [name for _, _, name in shown] == [band]


@pytest.mark.parametrize(("tilt", "band"), [(19.9, "0"), (20, "+"), (30, "+"), (30.1, "++"), (43, "++")])
def test_pelvic_tilt_has_its_modifier(tilt: float, band: str, triage: Triage) -> None:
    assert _scores(triage, _film(pelvic_tilt_deg=tilt), "schwab_pt") == [(tilt, tilt, band)]


def _neck(level: str, **sizes: float) -> dict[str, Any]:
    film = {"modality": "radiograph", "levels": [{"level": level, **sizes}]}
    return {"complaint": {"regions": ["cervical"]}, "imaging": [film]}


def test_what_slic_has_no_points_for_leaves_them_open_and_never_fewer_than_before(triage: Triage) -> None:
    known: dict[str, Any] = {"morphology": "compression", "ligament_complex": "intact"}
    ((before, most, _),) = _scores(triage, _broken("C5", "cauda_equina", **known), "slic")
    ((pressed, also_most, _),) = _scores(triage, _broken("C5", "cauda_equina", cord=True, **known), "slic")
    assert (before, most) == (1, 5)
    assert (pressed, also_most) == (1, 5)


@pytest.mark.parametrize(("canal", "body", "band"), [(13, 18, "narrow"), (17, 19, "usual"), (16, 20, "usual")])
def test_the_torg_pavlov_ratio_is_worked_out_from_canal_and_body(
    canal: float, body: float, band: str, triage: Triage
) -> None:
    ((low, high, shown),) = _scores(triage, _neck("C5", canal_diameter_mm=canal, body_diameter_mm=body), "torg_pavlov")
    assert low == high == pytest.approx(canal / body)
    assert shown == band


def test_the_torg_pavlov_ratio_speaks_only_of_the_neck(triage: Triage) -> None:
    assert _scores(triage, _neck("L4", torg_pavlov=0.5), "torg_pavlov") == []


@pytest.mark.parametrize(
    ("total", "part", "band"),
    [(3, 3, "low risk"), (4, 0, "medium risk"), (6, 2, "medium risk"), (7, 3, "medium risk"), (8, 4, "high risk")],
)
def test_start_back_reads_the_total_first(total: int, part: int, band: str, triage: Triage) -> None:
    body = {
        "complaint": {"regions": ["lumbar"]},
        "scores": {"start_back_total": total, "start_back_psychosocial": part},
    }
    assert [name for _, _, name in _scores(triage, body, "start_back")] == [band]


def test_a_start_back_total_that_its_parts_cannot_give_is_shown(triage: Triage) -> None:
    body = {"complaint": {"regions": ["lumbar"]}, "scores": {"start_back_total": 9, "start_back_psychosocial": 4}}
    found = triage.note(Consultation.model_validate(body), DAY)["contradictions"]
    assert [c["fact"] for c in found] == ["scores.start_back_total"]


@pytest.mark.parametrize(
    ("score", "total", "band"),
    [
        ("phq2", 2, "negative screen"),
        ("phq2", 3, "positive screen"),
        ("phq4", 5, "mild"),
        ("phq4", 9, "severe"),
        ("phq9", 4, "minimal"),
        ("phq9", 10, "moderate"),
        ("phq9", 20, "severe"),
        ("pain_detect", 12, "nerve pain unlikely"),
        ("pain_detect", 18, "unclear"),
        ("pain_detect", 19, "nerve pain likely"),
    ],
)
def test_questionnaire_totals_have_their_published_bands(score: str, total: int, band: str, triage: Triage) -> None:
    body = {"complaint": {"regions": ["lumbar"]}, "scores": {score: total}}
    assert _scores(triage, body, score) == [(total, total, band)]


def test_a_statement_that_waits_for_a_sum_asks_for_the_parts_that_are_missing(triage: Triage) -> None:
    lesion = {"type": "lytic", "collapse": "none"}
    body = {
        "screening": {"cancer": "some", "reports": "some"},
        "complaint": {"regions": ["thoracic"]},
        "imaging": [{"modality": "ct", "levels": [{"level": "T12", "lesion": lesion}]}],
    }
    note = triage.note(Consultation.model_validate(body), DAY)
    (found,) = [entry for entry in note["categories"] if entry["category"] == "tumour_stabilisation"]
    missing = {f"imaging.levels.lesion.{name}" for name in ("alignment", "body_involved_percent", "posterolateral")}
    assert missing | {"complaint.pain_character"} <= {*found["ask"]}
    assert not {"imaging.levels.lesion.type", "imaging.levels.lesion.collapse"} & {*found["ask"]}
