"""What is understood from a body is what a person would understand from it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from app.triage import Consultation, Rulebook
from app.triage.facts import TABLES, registry
from app.triage.known import Known, learn
from app.triage.screening import GROUPS, owners_of_reports
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.reference import decode
from tests.triage.obvious import WORKED_OUT, Reading
from tests.triage.obvious_sets import everything, no_of

BODIES = 600
SEED = 20261123
LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _known(body: dict[str, Any]) -> Known:
    return learn(Consultation.model_validate(body))


def _top(body: dict[str, Any], name: str) -> Any:
    return decode(registry()[None][name], _known(body).frame)


def _level(body: dict[str, Any], name: str, number: int = 0) -> Any:
    return decode(registry()["level"][name], _known(body).rows["level"][number].frame)


def _film(modality: str = "radiograph", level: str = "L4-L5", **findings: Any) -> dict[str, Any]:
    return {"modality": modality, "levels": [{"level": level, **findings}]}


def test_random_bodies_are_understood_as_their_words_say(rulebook: Rulebook) -> None:
    maker = BodyMaker(Random(SEED), limits_of(rulebook))
    compared = 0
    for _ in range(BODIES):
        body = maker.body()
        known, reading = _known(body), Reading(body)
        compared += _compare(None, known.frame, reading.consultation(), body)
        for table in TABLES:
            rows, expected = known.rows[table], reading.rows(table)
            assert len(rows) == len(expected)
            for row, sets in zip(rows, expected, strict=True):
                compared += _compare(table, row.frame, sets, body)
            shadows = [template.frame for template in known.shadows[table]]
            for frame, sets in zip(shadows, reading.unlisted(table), strict=True):
                compared += _compare(table, frame, {n: s for n, s in sets.items() if n != "level"}, body)
        shown = {d["fact"] for d in known.disagreements if d["kind"] == "screening"}
        assert shown == {f"screening.{group}" for group in reading.doubted}, body
    assert compared > BODIES * 200


def _compare(table: str | None, frame: Any, expected: dict[str, Any], body: dict[str, Any]) -> int:
    facts = registry()[table]
    names = expected.keys() - WORKED_OUT
    for name in names:
        assert decode(facts[name], frame) == expected[name], (name, body)
    return len(names)


def test_the_order_of_reports_changes_no_set(rulebook: Rulebook) -> None:
    maker = BodyMaker(Random(SEED + 1), limits_of(rulebook))
    several = [body for body in (maker.body() for _ in range(BODIES)) if len(body.get("imaging", ())) > 1]
    assert len(several) > BODIES / 10
    for body in several:
        forward, backward = _known(body), _known(body | {"imaging": body["imaging"][::-1]})
        assert forward.frame == backward.frame
        rows = [{row.label: row.frame for row in known.rows["level"]} for known in (forward, backward)]
        assert rows[0] == rows[1], body


@pytest.mark.parametrize("answer", ["none", "some"])
def test_a_screening_answer_is_a_fact_that_a_rule_can_read(answer: str) -> None:
    assert _top(LUMBAR | {"screening": {"cauda_equina": answer}}, "screening.cauda_equina") == frozenset({answer})


def test_of_a_body_that_says_only_where_nothing_else_is_known() -> None:
    for name, fact in registry()[None].items():
        if name != "complaint.regions":
            assert _top(LUMBAR, name) == everything(fact), name


def test_a_group_answered_none_answers_every_member_and_nothing_else() -> None:
    body = LUMBAR | {"screening": dict.fromkeys(GROUPS, "none")}
    for name, fact in registry()[None].items():
        if fact.group and no_of(fact) is not None:
            assert _top(body, name) == no_of(fact), name
        elif name != "complaint.regions" and not name.startswith("screening."):
            assert _top(body, name) == everything(fact), name


def test_a_group_answered_some_answers_no_member() -> None:
    body = LUMBAR | {"screening": dict.fromkeys(GROUPS, "some")}
    for name, fact in registry()[None].items():
        if name != "complaint.regions" and not name.startswith("screening."):
            assert _top(body, name) == everything(fact), name


def test_a_report_that_covers_a_region_answers_only_what_its_modality_can_show() -> None:
    film = _film() | {"covers": ["lumbar"]}
    assert _level(LUMBAR | {"imaging": [film]}, "spondylolisthesis.type") == frozenset({"none"})
    assert len(_level(LUMBAR | {"imaging": [film]}, "herniation.type")) == 4
    scan = _film("mri") | {"covers": ["lumbar"]}
    assert _level(LUMBAR | {"imaging": [film, scan]}, "herniation.type") == frozenset({"none"})


@pytest.mark.parametrize("name", ["fracture.age", "lesion.type", "infection_across_disc", "fracture.posterior_wall"])
def test_the_silence_of_a_plain_film_rules_out_nothing_that_plain_films_miss(name: str) -> None:
    film = _film() | {"covers": ["lumbar"]}
    assert _level(LUMBAR | {"imaging": [film]}, name) == everything(registry()["level"][name])
    scan = _film("mri") | {"covers": ["lumbar"]}
    assert _level(LUMBAR | {"imaging": [film, scan]}, name) == no_of(registry()["level"][name])


@pytest.mark.parametrize(
    "name", ["cord_compression", "epidural_abscess", "infection_across_disc", "fracture.ligament_complex"]
)
def test_the_silence_of_a_ct_rules_out_nothing_that_takes_an_mri_to_see(name: str) -> None:
    scan = _film("ct") | {"covers": ["lumbar"]}
    assert _level(LUMBAR | {"imaging": [scan]}, name) == everything(registry()["level"][name])


@pytest.mark.parametrize("name", ["fracture.age", "lesion.type", "infection_across_disc"])
def test_a_film_that_does_not_list_a_finding_never_overrules_a_report_that_does(name: str) -> None:
    said = {"fracture.age": "recent", "lesion.type": "lytic", "infection_across_disc": True}[name]
    part, _, word = name.partition(".")
    level = "L4-L5" if name == "infection_across_disc" else "L1"
    film = {"modality": "radiograph", "covers": ["lumbar"]}
    told = _film("mri", level, **{part: {word: said} if word else said})
    for reports in ([film, told], [told, film]):
        expected = frozenset({"yes" if said is True else said})
        assert _level(LUMBAR | {"imaging": reports}, name) == expected


def test_a_report_that_covers_another_region_answers_nothing_here() -> None:
    film = _film() | {"covers": ["thoracic"]}
    assert len(_level(LUMBAR | {"imaging": [film]}, "spondylolisthesis.type")) == 7


def test_a_report_that_claims_no_region_leaves_what_it_does_not_list_unknown() -> None:
    assert len(_level(LUMBAR | {"imaging": [_film(disc_height="normal")]}, "spondylolisthesis.type")) == 7


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_reports_that_differ_the_worse_counts_and_both_are_shown(turned: bool) -> None:
    films = [_film("ct", disc_height="mild_loss", stenosis={"central": "mild"}), _film("mri", disc_height="collapsed")]
    films[1]["levels"][0]["stenosis"] = {"central": "severe"}
    body = LUMBAR | {"imaging": films[::-1] if turned else films}
    assert _level(body, "disc_height") == frozenset({"collapsed"})
    assert _level(body, "stenosis.central") == frozenset({"severe"})
    shown = {d["fact"]: {r["value"] for r in d["readings"]} for d in _known(body).disagreements}
    assert shown == {"disc_height": {"mild_loss", "collapsed"}, "stenosis.central": {"mild", "severe"}}


def test_where_neither_reading_is_worse_both_stay_possible() -> None:
    films = [_film("ct", stenosis={"side": side}) for side in ("left", "right")]
    assert _level(LUMBAR | {"imaging": films}, "stenosis.side") == frozenset({"left", "right"})


def test_reports_that_agree_with_an_earlier_one_add_no_disagreement_with_themselves() -> None:
    films = [_film("ct", stenosis={"side": side}) for side in ("left", "right", "left")]
    for disagreement in _known(LUMBAR | {"imaging": films}).disagreements:
        assert len({reading["value"] for reading in disagreement["readings"]}) == 2


def test_some_beside_a_no_for_every_member_keeps_the_doubt_and_is_shown() -> None:
    body = LUMBAR | {
        "screening": {"mood": "some"},
        "history": {"self_harm_thoughts": False},
        "scores": {"phq9_item9": 0},
    }
    assert [d["kind"] for d in _known(body).disagreements] == ["screening_some"]


def test_a_stated_yes_beside_none_is_shown_and_leaves_the_rest_of_its_group_unknown() -> None:
    body = LUMBAR | {"screening": {"infection": "none", "cancer": "none"}}
    body["complaint"] = {"regions": ["lumbar"], "infection": {"fever": True}}
    assert _top(body, "complaint.infection.fever") == frozenset({"yes"})
    assert _top(body, "history.iv_drug_use") == frozenset({"no", "yes"})
    assert _top(body, "history.weight_loss") == frozenset({"no"})
    assert [d["fact"] for d in _known(body).disagreements] == ["screening.infection"]


@pytest.mark.parametrize(
    "finding",
    [
        {"fracture": {"height_loss_percent": 0}},
        {"fracture": {"retropulsion_percent": 0}},
        {"fracture": {"ligament_complex": "intact"}},
        {"fracture": {"kyphosis_deg": 0}},
        {"fracture": {"age": "none", "posterior_wall": False}},
        {"lesion": {"body_involved_percent": 0}},
        {"lesion": {"alignment": "normal", "collapse": "none", "posterolateral": "none"}},
    ],
)
def test_a_detail_that_says_nothing_is_there_contradicts_no_answer_of_none(finding: dict[str, Any]) -> None:
    body = LUMBAR | {"screening": dict.fromkeys(GROUPS, "none"), "imaging": [_film("ct", "L1", **finding)]}
    assert _known(body).disagreements == []


def test_none_for_weakness_means_full_strength_in_every_movement_that_is_not_graded() -> None:
    motor = [{"movement": "ankle_dorsiflexion", "side": "left"}]
    body = LUMBAR | {"screening": {"weakness": "none"}, "examination": {"motor": motor}}
    assert decode(registry()["deficit"]["grade"], _known(body).rows["deficit"][0].frame) == (5, 5)


def test_treatments_side_by_side_are_not_added_up() -> None:
    courses = [{"kind": kind, "duration": {"value": 4, "unit": "weeks"}} for kind in ("physiotherapy", "nsaid")]
    body = LUMBAR | {"treatments": {"courses": courses}}
    shortest, _ = _top(body, "treatments.conservative_duration")
    assert shortest == 28


def _care(whole: dict[str, Any], *courses: dict[str, Any]) -> dict[str, Any]:
    return LUMBAR | {"treatments": {**whole, "courses": list(courses)}}


def _weeks(count: int) -> dict[str, Any]:
    return {"value": count, "unit": "weeks"}


def test_a_stated_whole_that_its_courses_allow_counts_alone() -> None:
    courses = [
        {"kind": "nsaid", "duration": _weeks(4), "outcome": "helped"},
        {"kind": "exercise", "duration": _weeks(6), "outcome": "failed"},
    ]
    body = _care({"conservative_care": "failed", "conservative_duration": _weeks(9)}, *courses)
    assert _top(body, "treatments.conservative_duration") == (63, 63)
    assert _top(body, "treatments.conservative_care") == frozenset({"failed"})
    assert _known(body).disagreements == []


def test_a_stated_whole_shorter_than_one_of_its_courses_is_shown_and_both_stay_possible() -> None:
    body = _care({"conservative_duration": _weeks(6)}, {"kind": "nsaid", "duration": _weeks(40)})
    low, high = _top(body, "treatments.conservative_duration")
    assert low == 42
    assert high >= 280
    assert [d["fact"] for d in _known(body).disagreements] == ["treatments.conservative_duration"]


@pytest.mark.parametrize(("whole", "result"), [("not_tried", "failed"), ("failed", "helped")])
def test_a_stated_result_that_no_course_had_is_shown_and_both_stay_possible(whole: str, result: str) -> None:
    body = _care({"conservative_care": whole}, {"kind": "nsaid", "outcome": result})
    assert _top(body, "treatments.conservative_care") == frozenset({whole, result})
    assert [d["fact"] for d in _known(body).disagreements] == ["treatments.conservative_care"]


def test_a_listed_course_of_unknown_result_was_tried() -> None:
    body = _care({}, {"kind": "nsaid"})
    assert "not_tried" not in _top(body, "treatments.conservative_care")


@pytest.mark.parametrize("otherwise", [True, False])
def test_feeling_is_normal_on_examination_only_where_somebody_said_so(otherwise: bool) -> None:
    body = LUMBAR | {"examination": {"sensation_otherwise_normal": otherwise}}
    assert _top(body, "examination.sensory_loss") == frozenset({"no" if otherwise else "yes"})
    normal = [{"root": "L5", "side": "left", "kind": "normal"}]
    assert len(_top(LUMBAR | {"examination": {"sensory": normal}}, "examination.sensory_loss")) == 2
    with_rows = LUMBAR | {"examination": {"sensory": normal, "sensation_otherwise_normal": otherwise}}
    assert _top(with_rows, "examination.sensory_loss") == frozenset({"no" if otherwise else "yes"})


def test_feeling_that_is_otherwise_normal_is_lost_where_a_root_is_listed_as_changed() -> None:
    reduced = [{"root": "L5", "side": "left", "kind": "reduced"}]
    body = LUMBAR | {"examination": {"sensory": reduced, "sensation_otherwise_normal": True}}
    assert _top(body, "examination.sensory_loss") == frozenset({"yes"})


def test_loss_of_feeling_contradicts_a_screen_for_weakness_and_numbness_that_was_none() -> None:
    body = LUMBAR | {"screening": {"weakness": "none"}, "examination": {"sensation_otherwise_normal": False}}
    assert [d["fact"] for d in _known(body).disagreements] == ["screening.weakness"]


def test_a_listed_operation_says_that_the_spine_was_operated_on() -> None:
    body = LUMBAR | {"history": {"prior_surgery": [{"kind": "fusion"}]}}
    assert _top(body, "history.spine_surgery") == frozenset({"yes"})


def test_not_known_changes_no_set() -> None:
    asked = LUMBAR | {"not_known": ["complaint.saddle_sensation", "history.cancer"]}
    assert _known(asked).frame == _known(LUMBAR).frame


def test_a_denied_report_leaves_no_other_contradicted_group_closed() -> None:
    denied = {"reports": "some"} | dict.fromkeys(sorted(owners_of_reports()), "none")
    body = LUMBAR | {"screening": denied, "examination": {"sensation_otherwise_normal": False}}
    contradicted = body | {"screening": denied | {"weakness": "none"}}
    told = [d["fact"] for d in _known(contradicted).disagreements]
    assert told == ["screening.weakness", "screening.reports"]
    one, other = _known(contradicted).frame, _known(body).frame
    assert [n for n, f in registry()[None].items() if one[f.slot] != other[f.slot]] == ["screening.weakness"]
