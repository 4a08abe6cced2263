"""What is described was there: an answer that names it "no" is contradicted, and left out it is no longer possible."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.triage import Consultation, Rulebook, Triage
from app.triage.conditions import Bound, atoms
from app.triage.facts import registry
from app.triage.known import Known, learn
from app.triage.screening import GROUPS
from tests.laws.knowing import TODAY
from tests.laws.reference import decode

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}
TWO_DAYS = {"value": 2, "unit": "days"}
FOUR_MONTHS = {"value": 4, "unit": "months"}
TWO_BROKEN = {
    "imaging": [
        {"modality": "ct", "levels": [{"level": level, "fracture": {"age": "recent"}} for level in ("L1", "L2")]}
    ]
}

# The fact that names something, its "no" in a body, and a body that describes it.
TOLD: list[tuple[str, Any, dict[str, Any]]] = [
    ("complaint.limb_weakness", False, {"complaint": {"weakness_course": "worsening"}}),
    ("complaint.limb_weakness", False, {"complaint": {"weakness_speed": "minutes_to_days"}}),
    ("complaint.limb_weakness", False, {"complaint": {"weakness_onset": {"value": 0, "unit": "hours"}}}),
    ("complaint.limb_weakness", False, {"complaint": {"weakness_in_both_legs": True}}),
    ("complaint.limb_weakness", False, {"complaint": {"ascending_weakness": True}}),
    ("history.cancer", "none", {"history": {"cancer_types": ["breast"]}}),
    ("history.cancer", "none", {"history": {"known_spinal_metastasis": True}}),
    ("history.weight_loss", False, {"history": {"weight_lost_kg": 0.5}}),
    ("history.trauma", "none", {"history": {"since_trauma": TWO_DAYS}}),
    ("history.trauma", "none", {"history": {"symptoms_after_trauma": True}}),
    ("history.trauma", "none", {"complaint": {"onset": "traumatic"}}),
    ("history.recent_procedures", ["none"], {"history": {"since_procedure": TWO_DAYS}}),
    ("history.recent_procedures", ["none"], {"complaint": {"onset": "post_procedural", "duration": TWO_DAYS}}),
    ("patient.pregnant", False, {"patient": {"pregnancy_weeks": 20}}),
    ("history.spine_surgery", False, {"history": {"prior_surgery": [{"kind": "fusion"}]}}),
    ("history.spine_surgery", False, {"history": {"recent_procedures": ["spine_surgery"]}}),
    ("imaging.several_fractures", False, TWO_BROKEN),
]

NOT_TOLD: list[tuple[str, dict[str, Any]]] = [
    ("complaint.limb_weakness", {"complaint": {"weakness_speed": "weeks_or_longer"}}),
    ("complaint.limb_weakness", {"complaint": {"weakness_in_both_legs": False}}),
    ("history.cancer", {"history": {"known_spinal_metastasis": False}}),
    ("history.weight_loss", {"history": {"weight_lost_kg": 0}}),
    ("history.trauma", {"complaint": {"onset": "sudden"}}),
    ("history.recent_procedures", {"complaint": {"onset": "post_procedural", "duration": FOUR_MONTHS}}),
    ("history.recent_procedures", {"history": {"since_procedure": FOUR_MONTHS}}),
    ("patient.pregnant", {"patient": {"pregnancy_weeks": 0}}),
    ("imaging.several_fractures", {"imaging": [{"modality": "ct", "levels": TWO_BROKEN["imaging"][0]["levels"][:1]}]}),
]


def _known(body: dict[str, Any]) -> Known:
    return learn(Consultation.model_validate(body))


def _possible(name: str, known: Known) -> Any:
    found = decode(registry()[None][name], known.frame)
    return found[1] if registry()[None][name].kind == "some_of" else found


def _body(described: dict[str, Any], name: str = "", stated: Any = None) -> dict[str, Any]:
    body = copy.deepcopy(described)
    body.setdefault("complaint", {})["regions"] = ["lumbar"]
    if name:
        section, key = name.split(".")
        place = body.setdefault(section, {})
        (place[0] if section == "imaging" else place)[key] = stated
    return body


def _no(name: str) -> str:
    return registry()[None][name].values[0]


@pytest.mark.parametrize(("name", "no", "described"), TOLD)
def test_what_is_described_without_its_name_cannot_be_absent(name: str, no: Any, described: dict[str, Any]) -> None:
    known = _known(_body(described))
    assert _possible(name, known) == frozenset(registry()[None][name].values) - {_no(name)}
    assert known.disagreements == []


@pytest.mark.parametrize(("name", "no", "described"), TOLD)
def test_what_is_described_and_named_no_is_a_contradiction_and_counts(
    name: str, no: Any, described: dict[str, Any], triage: Triage
) -> None:
    body = _body(described, name, no)
    assert _no(name) not in _possible(name, _known(body))
    shown = triage.note(Consultation.model_validate(body), TODAY)["contradictions"]
    assert name in {item["fact"] for item in shown}


@pytest.mark.parametrize(("name", "no", "described"), TOLD)
def test_what_is_described_contradicts_the_screening_answer_for_its_group(
    name: str, no: Any, described: dict[str, Any]
) -> None:
    for group in registry()[None][name].groups:
        known = _known(_body(described) | {"screening": dict.fromkeys(GROUPS, "none")})
        assert _no(name) not in _possible(name, known)
        shown = [d["fact"] for d in known.disagreements if d["kind"] == "screening"]
        assert shown.count(f"screening.{group}") == 1


@pytest.mark.parametrize(("name", "described"), NOT_TOLD)
def test_what_tells_of_nothing_leaves_the_answer_open(name: str, described: dict[str, Any]) -> None:
    assert _no(name) in _possible(name, _known(_body(described)))


@pytest.mark.parametrize(("name", "described"), [pair for pair in NOT_TOLD if pair[0] != "imaging.several_fractures"])
def test_what_tells_of_nothing_contradicts_no_stated_no(name: str, described: dict[str, Any]) -> None:
    no = ["none"] if name == "history.recent_procedures" else "none" if _no(name) == "none" else False
    known = _known(_body(described, name, no))
    assert _possible(name, known) == {_no(name)}
    assert known.disagreements == []


def test_pain_after_a_procedure_of_unknown_date_leaves_a_recent_one_possible_and_is_shown() -> None:
    described = {"complaint": {"onset": "post_procedural"}}
    stated = _known(_body(described, "history.recent_procedures", ["none"]))
    screened = _known(_body(described) | {"screening": {"infection": "none"}})
    every = frozenset(registry()[None]["history.recent_procedures"].values)
    for known in (stated, screened):
        assert _possible("history.recent_procedures", known) == every
        assert len(known.disagreements) == 1


def test_a_named_injury_stays_what_it_was_named_when_its_date_is_told() -> None:
    body = _body({"history": {"since_trauma": TWO_DAYS}}, "history.trauma", "low_energy_fall")
    assert _possible("history.trauma", _known(body)) == {"low_energy_fall"}
    assert _known(body).disagreements == []


@pytest.mark.parametrize(
    ("sides", "differ"),
    [(("left", "left"), True), (("left", "both"), True), (("left", "right"), False)],
)
def test_one_movement_graded_twice_is_shown_where_the_sides_meet(sides: tuple[str, str], differ: bool) -> None:
    motor = [
        {"movement": "hip_flexion", "side": side, "grade": grade} for side, grade in zip(sides, (2, 5), strict=True)
    ]
    assert bool(_known(LUMBAR | {"examination": {"motor": motor}}).disagreements) == differ
    same = [finding | {"grade": 4} for finding in motor]
    assert _known(LUMBAR | {"examination": {"motor": same}}).disagreements == []


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("scores.start_back_psychosocial", "scores.start_back_total"),
        ("scores.phq2", "scores.phq4"),
        ("scores.phq9_item9", "scores.phq9"),
        ("history.age_at_onset", "patient.age"),
    ],
)
def test_a_part_may_equal_its_whole_and_not_exceed_it(part: str, whole: str) -> None:
    for larger in (0, 1):
        body = copy.deepcopy(LUMBAR)
        for name, value in ((part, 2 + larger), (whole, 2)):
            section, key = name.split(".")
            body.setdefault(section, {})[key] = value
        assert [d["fact"] for d in _known(body).disagreements] == [part] * larger


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("examination.temperature_c", -1e-9),
        ("imaging.aorta_diameter_mm", -1e-9),
        ("imaging.upper_cervical.atlanto_dental_interval_mm", 1e-9),
        ("imaging.upper_cervical.posterior_atlanto_dental_interval_mm", 1e-9),
        ("imaging.upper_cervical.dens_above_mcgregor_mm", 1e-9),
    ],
)
def test_between_what_counts_as_normal_and_the_first_limit_of_a_rule_there_is_no_gap(
    name: str, beside: float, rulebook: Rulebook
) -> None:
    fact = registry()[None][name]
    assert fact.normal is not None
    low, high = fact.normal
    bounds = {
        atom.limit
        for rule in rulebook.rules
        for atom in atoms(rule.when)
        if isinstance(atom, Bound) and atom.fact == fact
    }
    first = max(bounds) if fact.worse == "low" else min(bounds)
    assert sorted(low <= value <= high for value in (first, first + beside)) == [False, True]


def _neck_film(count: int | None, *levels: dict[str, Any]) -> Known:
    report: dict[str, Any] = {"modality": "mri", "levels": list(levels)}
    if count is not None:
        report["narrowed_neck_levels"] = count
    return learn(Consultation.model_validate({"complaint": {"regions": ["cervical"]}, "imaging": [report]}))


def test_listed_narrow_levels_of_the_neck_are_counted_whatever_the_report_adds_up() -> None:
    levels: list[dict[str, Any]] = [
        {"level": "C3-C4", "cord_compression": True},
        {"level": "C4-C5", "stenosis": {"central": "severe"}},
        {"level": "C5-C6", "stenosis": {"central": "mild"}},
        {"level": "C5", "cord_compression": True},
        {"level": "L4-L5", "stenosis": {"central": "severe"}},
    ]
    total = registry()[None]["imaging.narrowed_neck_levels"]
    assert decode(total, _neck_film(None, *levels).frame) == (2, 7)
    assert decode(total, _neck_film(4, *levels).frame) == (4, 4)
    contradicted = _neck_film(1, *levels)
    assert decode(total, contradicted.frame) == (2, 2)
    assert [d["fact"] for d in contradicted.disagreements] == [total.name]


@pytest.mark.parametrize(("nerves", "injured"), [("root", True), ("recovered", True), ("intact", False)])
def test_hurt_nerves_after_an_injury_tell_of_the_injury(nerves: str, *, injured: bool) -> None:
    body = {"complaint": {"regions": ["lumbar"]}, "examination": {"injury_neurology": nerves}}
    trauma = registry()[None]["history.trauma"]
    assert ("none" not in decode(trauma, learn(Consultation.model_validate(body)).frame)) == injured
