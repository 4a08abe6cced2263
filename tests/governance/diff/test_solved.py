from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.governance import read_rulebook_files
from app.governance.diff import compare_notes
from app.governance.diff.solved import Difference, Differences
from app.triage import Consultation, Triage, load_rulebook

SOUND = read_rulebook_files(Path(__file__).parents[2] / "rejected" / "sound")
TODAY = date(2026, 11, 23)
RULES = "rules/lumbar.yaml"
Edit = tuple[str, str, str]
FLAG = "- rule: red_flag.saddle" + SOUND[RULES].partition("- rule: red_flag.saddle")[2]


def edited(*edits: Edit) -> Triage:
    """The sound rulebook with (file, this, that) replaced."""
    files = dict(SOUND)
    for file, this, that in edits:
        assert this in files[file]
        files[file] = files[file].replace(this, that, 1)
    return Triage(load_rulebook(files, accounted=False))


def look(*edits: Edit) -> list[Difference]:
    """Every difference that the edits make; each witness is judged once more by both rulebooks."""
    old, new = edited(), edited(*edits)
    differences = Differences(old, new, TODAY)
    found = [differences.look(rule) for rule in differences.rules]
    for witness in (witness for difference in found for witness in difference.witnesses):
        consultation = Consultation.model_validate(witness.body)
        notes = (triage.note(consultation, TODAY) for triage in (old, new))
        assert compare_notes(*notes) == witness.effect
    return found


def test_what_is_only_worded_otherwise_is_no_difference() -> None:
    assert look((RULES, "Exercise could", "Walking could"), (RULES, "Same-day assessment.", "Call today.")) == []


def test_a_condition_written_otherwise_is_proven_equal() -> None:
    (found,) = look(("definitions.yaml", "when: complaint.leg_pain >= 4", "when: {not: complaint.leg_pain < 4}"))
    assert (found.rule, found.proven, found.witnesses) == (
        "lumbar.conservative.first",
        ("the two conditions are equal",),
        (),
    )


LOWERED: dict[str, list[Edit]] = {
    "a stricter condition": [(RULES, "- complaint.saddle_sensation is absent", "- complaint.leg_pain >= 9")],
    "a lower tier": [(RULES, "urgency: emergency", "urgency: urgent")],
    "a later time": [(RULES, "hours: 4,", "hours: 6,")],
    "another number of a parameter": [("parameters.yaml", "value: 6", "value: 4")],
    "fewer points in a score": [
        ("scores.yaml", "severe, points: 1", "severe, points: 0"),
        ("scores.yaml", 'moderate]", points: 0', 'moderate]", points: 1'),
    ],
    "a rule that went": [(RULES, FLAG, ""), ("parameters.yaml", SOUND["parameters.yaml"], "[]\n")],
}


@pytest.mark.parametrize("what", LOWERED)
def test_a_consultation_whose_urgency_falls_is_found_for(what: str) -> None:
    (found,) = look(*LOWERED[what])
    assert found.lowered
    lowered = next(witness for witness in found.witnesses if witness.effect.lowered)
    assert lowered.shows == "only the old rulebook is this urgent"
    assert lowered.effect.old == ("emergency", "emergency")
    assert (lowered.effect.new[0], lowered.effect.within[1]) != ("emergency", lowered.effect.within[0])


def test_the_other_way_round_an_urgency_rises() -> None:
    (found,) = look((RULES, "- complaint.saddle_sensation is absent", "- complaint.saddle_sensation is altered"))
    ways = {(witness.shows, witness.effect.lowered, witness.effect.raised) for witness in found.witnesses}
    assert {
        ("only the old rulebook is this urgent", True, False),
        ("only the new rulebook is this urgent", False, True),
    } <= ways


def test_a_rule_that_went_and_is_covered_by_another_is_proven_to_lower_nothing() -> None:
    wider = FLAG.replace("red_flag.saddle", "red_flag.wider").replace("saddle_sensation is absent", "leg_pain >= 1")
    narrow = FLAG.replace(
        "    any:\n      - complaint.saddle_sensation is absent\n", "    all:\n      - complaint.leg_pain >= 2\n"
    )
    old, new = edited((RULES, FLAG, wider + narrow)), edited((RULES, FLAG, wider))
    differences = Differences(old, new, TODAY)
    (found,) = (differences.look(rule) for rule in differences.rules)
    assert (found.rule, found.how, found.lowered) == ("red_flag.saddle", "removed", False)
    assert found.proven == ("wherever the old one is true, the new rulebook is at least as urgent",)


def test_a_category_that_is_lost_is_shown_by_a_consultation() -> None:
    (found,) = look((RULES, "supports: conservative_care", "rules_out: conservative_care"))
    assert found.witnesses
    assert ("conservative_care",) in {witness.effect.lost for witness in found.witnesses}
