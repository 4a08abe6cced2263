"""Each law fails, and it alone, on the rulebook that breaks it; the service itself shows what the proof says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3")

from app.governance import read_rulebook_files  # the next one only where the optional extra is installed
from app.governance.proofs import Proven, prove
from app.triage import Consultation, Rulebook, Triage, load_rulebook
from app.triage.known import learn
from app.triage.rulebook import URGENCIES

Body = dict[str, Any]
DAY = date(2026, 11, 23)
SMALL = read_rulebook_files(Path(__file__).parent / "proven")
FLAGS, LUMBAR, SCORES, CATEGORIES = "rules/red_flags.yaml", "rules/lumbar.yaml", "scores.yaml", "categories.yaml"
PAIN, WALKING, ROOT_FREE = "lumbar.decompression.pain", "lumbar.decompression.walking", "lumbar.root-free"
NARROW = 'same level: {all: [region is lumbar, "stenosis.central in [moderate, severe]"]}'
CLAUDICATION, LEG_PAIN = "complaint.neurogenic_claudication", "complaint.leg_pain >= 1"

BROKEN = [
    ("present-flag", FLAGS, "soon\n    action: An examination of walking", "routine\n    action: A look"),
    ("suppression", CATEGORIES, "kind: procedure\n", "kind: pathway\n"),
    ("suppression", FLAGS, "procedures_for_wear", "conservative_care\n    supports: conservative_care"),
    (
        "worse",
        FLAGS,
        "complaint.infection.fever",
        "{all: [complaint.infection.fever, {not: complaint.infection.unwell}]}",
    ),
    ("worse", FLAGS, "same deficit: grade < 5", "same deficit: {all: [grade < 5, grade > 2]}"),
    ("learning", SCORES, "[mild, moderate, severe]", "[moderate, severe]"),
    ("reach", LUMBAR, LEG_PAIN, "{all: [complaint.leg_pain >= 1, complaint.leg_pain < 1]}"),
    ("reach", LUMBAR, LEG_PAIN, "{any: [complaint.regions has lumbar, {not: complaint.regions has lumbar}]}"),
    ("reach", FLAGS, "urgency: urgent", "urgency: emergency"),
    ("no-contradiction", LUMBAR, "when: treatments.conservative_care is not_tried", "when: complaint.leg_pain >= 3"),
    ("no-copies", LUMBAR, CLAUDICATION, "{not: complaint.leg_pain < 4}"),
    ("imaging-alone", LUMBAR, CLAUDICATION, "complaint.regions has lumbar"),
    ("imaging-alone", LUMBAR, "complaint.leg_pain >= 4", "complaint.leg_pain < 4"),
    ("xray-alone", LUMBAR, "{all: [region is lumbar,", "{any: [disc_height is collapsed,"),
    (
        "xray-alone",
        LUMBAR,
        f"{CLAUDICATION}\n      - {NARROW}",
        f"{CLAUDICATION}\n      - any: [{{{NARROW}}}, {LEG_PAIN}]",
    ),
]
"""The law that is broken, and the file, the text and the other text that break it."""


def proven_of(rulebook: Rulebook) -> dict[str, Proven]:
    return {proven.law.id: proven for proven in prove(rulebook)}


@pytest.fixture(scope="module")
def shipped(rulebook: Rulebook) -> dict[str, Proven]:
    return proven_of(rulebook)


def test_every_law_holds_of_the_shipped_rulebook(shipped: dict[str, Proven]) -> None:
    failures = [one.text for proven in shipped.values() for one in proven.failures]
    assert [text for text in failures if "no rule speaks for it" not in text] == []


def test_what_a_proof_leaves_out_is_said(shipped: dict[str, Proven]) -> None:
    (remark,) = shipped["worse"].remarks
    assert "patient.age" in remark
    assert "complaint.saddle_sensation" not in remark


def test_every_law_holds_of_a_small_sound_rulebook() -> None:
    assert {law: proven.failures for law, proven in proven_of(load_rulebook(SMALL)).items() if proven.failures} == {}


@pytest.mark.parametrize(("law", "file", "old", "new"), BROKEN)
def test_a_rulebook_that_breaks_one_law_fails_that_law_alone(law: str, file: str, old: str, new: str) -> None:
    assert old in SMALL[file]
    rulebook = load_rulebook({**SMALL, file: SMALL[file].replace(old, new)})
    found = proven_of(rulebook)
    assert [name for name, proven in found.items() if proven.failures] == [law]
    for failure in found[law].failures if law in SHOWS else ():
        assert SHOWS[law](Triage(rulebook), list(failure.bodies), failure.text), failure


def _note(triage: Triage, body: Body) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), DAY, every_category=True)


def _true(triage: Triage, body: Body) -> set[str]:
    true, _ = triage.judge.values(learn(Consultation.model_validate(body)))
    return {triage.rulebook.rules[index].id for index in true}


def _status(triage: Triage, body: Body, category: str) -> str:
    entries = _note(triage, body)["categories"]
    return next(str(entry["status"]) for entry in entries if entry["category"] == category)


def _shows_routine_flag(triage: Triage, bodies: list[Body], _text: str) -> bool:
    note = _note(triage, bodies[0])
    present = [flag["urgency"] for flag in note["red_flags"] if flag["status"] == "present"]
    return present == ["routine"] and note["urgency"]["at_least"] == "routine"


def _shows_no_suppression(triage: Triage, bodies: list[Body], text: str) -> bool:
    if "emergency stands" not in text:
        return _status(triage, bodies[0], "conservative_care") == "suppressed"
    urgency, status = _note(triage, bodies[0])["urgency"], _status(triage, bodies[0], "lumbar_decompression")
    return bool(urgency["at_least"] == "emergency" and status.startswith("discussable"))


def _shows_fall(triage: Triage, bodies: list[Body], text: str) -> bool:
    end = "at_least" if "at_least" in text else "at_most"
    before, after = (URGENCIES.index(_note(triage, body)["urgency"][end]) for body in bodies)
    return after < before


SHOWS: dict[str, Callable[[Triage, list[Body], str], bool]] = {
    "present-flag": _shows_routine_flag,
    "suppression": _shows_no_suppression,
    "worse": _shows_fall,
    "learning": lambda triage, bodies, _: ROOT_FREE in _true(triage, bodies[0]) - _true(triage, bodies[1]),
    "no-contradiction": lambda triage, bodies, _: _status(triage, bodies[0], "lumbar_decompression") == "deferred",
    "no-copies": lambda triage, bodies, _: _true(triage, bodies[0]) >= {PAIN, WALKING},
    "imaging-alone": lambda triage, bodies, _: bool(_true(triage, bodies[0]) & {PAIN, WALKING}),
    "xray-alone": lambda triage, bodies, _: bool(_true(triage, bodies[0]) & {PAIN, WALKING}),
}
"""Whether the evaluator or the note says of a witness what the proof said. What cannot be reached has no witness."""
