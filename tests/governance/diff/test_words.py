from __future__ import annotations

from pathlib import Path

import pytest

from app.governance import read_rulebook_files
from app.governance.diff import Change, changes_in_words
from app.triage import load_rulebook

SOUND = read_rulebook_files(Path(__file__).parents[2] / "rejected" / "sound")
Edit = tuple[str, str, str]


def changes(*edits: Edit) -> list[Change]:
    """What is said of the sound rulebook and the same with (file, this, that) replaced."""
    files = dict(SOUND)
    for file, this, that in edits:
        assert this in files[file]
        files[file] = files[file].replace(this, that, 1)
    return changes_in_words(load_rulebook(SOUND), load_rulebook(files, accounted=False))


RULES = "rules/lumbar.yaml"
LATER = "    within: {hours: 4, text: within hours}\n"


def test_the_same_rulebook_did_not_change() -> None:
    assert changes() == []


def test_a_comment_or_another_indentation_is_no_change() -> None:
    assert changes((RULES, "  when: leg_trouble\n", "  # as before\n  when:   leg_trouble\n")) == []


@pytest.mark.parametrize(
    ("edit", "direction"),
    [
        ((RULES, "urgency: emergency", "urgency: urgent"), -1),
        ((RULES, "hours: 4,", "hours: 6,"), -1),
        ((RULES, LATER, ""), -1),
        ((RULES, "hours: 4,", "hours: 2,"), 1),
        ((RULES, "strength: strong", "strength: weak"), 0),
    ],
)
def test_the_way_of_an_urgency_is_told_by_tier_and_time(edit: Edit, direction: int) -> None:
    assert [change.urgency for change in changes(edit)] == [direction]


def test_a_red_flag_that_went_or_came_is_an_urgency_lowered_or_raised() -> None:
    flag = "- rule: red_flag.saddle" + SOUND[RULES].partition("- rule: red_flag.saddle")[2]
    unused = ("parameters.yaml", SOUND["parameters.yaml"], "[]\n")
    gone = changes((RULES, flag, ""), unused)
    assert [(change.what, change.how, change.urgency) for change in gone] == [
        ("rule red_flag.saddle", "removed", -1),
        ("parameter conservative_weeks", "removed", 0),
    ]
    assert {"sentence: The saddle is numb.", "urgency: emergency", "within: 4 hours (within hours)"} <= set(
        gone[0].lines
    )
    another = flag.replace("red_flag.saddle", "red_flag.other")
    (come,) = changes((RULES, flag, flag + another))
    assert (come.what, come.how, come.urgency) == ("rule red_flag.other", "added", 1)


def test_lowered_urgencies_come_first() -> None:
    edits = [
        ("rulebook.yaml", "Information for a clinician.", "Information for clinicians."),
        (RULES, "Exercise could be", "Walking could be"),
        (RULES, "urgency: emergency", "urgency: urgent"),
    ]
    assert [change.id for change in changes(*edits)] == [
        "red_flag.saddle",
        "rulebook.yaml",
        "lumbar.conservative.first",
    ]


SAID: dict[str, tuple[Edit, list[str]]] = {
    "a number with its unit": (("parameters.yaml", "value: 6", "value: 12"), ["value: 6 weeks became 12 weeks"]),
    "a sentence": (
        (RULES, "Exercise could be discussed first.", "Walking could be discussed first."),
        ["sentence:", "  - Exercise could be discussed first.", "  + Walking could be discussed first."],
    ),
    "a condition as it is written": (
        (RULES, "      - complaint.saddle_sensation is absent\n", "      - complaint.saddle_sensation is altered\n"),
        [
            "condition:",
            "    any:",
            "  -   - complaint.saddle_sensation is absent",
            "  +   - complaint.saddle_sensation is altered",
            "      - all: [complaint.bladder has retention, complaint.duration < $conservative_weeks]",
            "      - same level: {all: [stenosis.central is severe, narrowing >= 1]}",
        ],
    ),
    "what it concludes": (
        (RULES, "    supports: conservative_care", "    opposes: [conservative_care, lumbar_decompression]"),
        ["no longer supports: conservative_care", "now opposes: conservative_care, lumbar_decompression"],
    ),
    "a table of points": (
        ("scores.yaml", "when: stenosis.central is severe,", 'when: "stenosis.central in [severe]",'),
        [
            "sum:",
            "    - component: central",
            "      options:",
            "  -     - {when: stenosis.central is severe, points: 1}",
            '  +     - {when: "stenosis.central in [severe]", points: 1}',
            '        - {when: "stenosis.central in [none, mild, moderate]", points: 0}',
        ],
    ),
    "a retraction": (
        ("sources.yaml", '  reviewed_on: "2026-11-22"', '  reviewed_on: "2026-11-22"\n  retracted: true'),
        ["retracted:", "  + yes"],
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_a_change_is_said_in_words(what: str) -> None:
    edit, lines = SAID[what]
    (change,) = changes(edit)
    assert change.how == "changed"
    assert list(change.lines) == lines


def test_every_kind_of_entry_has_a_place() -> None:
    edits: list[Edit] = [
        ("definitions.yaml", "complaint.leg_pain >= 4", "complaint.leg_pain >= 5"),
        ("categories.yaml", "Exercise and medicine.", "Exercise."),
        ("parameters.yaml", "value: 6", "value: 12"),
        ("sources.yaml", "year: 2016", "year: 2020"),
        ("scores.yaml", "band: low", "band: slight"),
    ]
    found = {change.what: change.place for change in changes(*edits)}
    assert found == {
        "definition leg_trouble": "definitions.yaml:1",
        "category conservative_care": "categories.yaml:13",
        "parameter conservative_weeks": "parameters.yaml:1",
        "source NG59": "sources.yaml:1",
        "score meyerding": "scores.yaml:1",
    }
