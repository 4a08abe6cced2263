"""Conditions in words: what a surgeon reads says exactly what the engine does."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.governance import read_rulebook_files
from app.triage import Rulebook, load_rulebook
from app.triage.book import list_book, write_book

SOUND = read_rulebook_files(Path(__file__).parents[1] / "rejected" / "sound")
WEEKS = "6 weeks ([`conservative_weeks`](#number-conservative_weeks))"
LEG_TROUBLE = "[leg trouble](#definition-leg_trouble): Leg pain that bothers."

SAID = {
    "complaint.night_pain": ["- night pain: yes"],
    "complaint.night_pain is no": ["- night pain: no"],
    "complaint.leg_pain >= 4": ["- leg pain: 4 of 10 or more"],
    "complaint.leg_pain > 4": ["- leg pain: more than 4 of 10"],
    "complaint.leg_pain <= 4": ["- leg pain: 4 of 10 or less"],
    "complaint.leg_pain < 4": ["- leg pain: less than 4 of 10"],
    "complaint.leg_pain <= 0": ["- leg pain: 0 of 10"],
    "complaint.leg_pain >= 10": ["- leg pain: 10 of 10"],
    "complaint.duration < 6 weeks": ["- duration: less than 6 weeks"],
    "complaint.duration >= $conservative_weeks": [f"- duration: {WEEKS} or more"],
    "imaging.aorta_diameter_mm >= 30": ["- aortic diameter: 30 mm or more"],
    "history.t_score <= -2.5": ["- T-score: -2.5 SD or less"],
    "complaint.regions has lumbar": ["- where the trouble is: lumbar"],
    "complaint.bladder has any of [retention, hesitancy]": ["- bladder: any of retention, hesitancy"],
    "complaint.gait in [foot_drop, needs_aid, unable]": ["- walking, as told: foot drop, with an aid or unable"],
    "complaint.gait not in [normal, unable]": ["- walking, as told: anything but normal or unable"],
    "complaint.gait is not normal": ["- walking, as told: anything but normal"],
    "complaint.pregnancy.bleeding": ["- bleeding (pregnancy): yes"],
    "leg_trouble": [f"- {LEG_TROUBLE}"],
    "{not: leg_trouble}": [f"- not: {LEG_TROUBLE}"],
    "{all: [leg_trouble, complaint.night_pain]}": ["- all of these:", f"  - {LEG_TROUBLE}", "  - night pain: yes"],
    "{any: [complaint.night_pain]}": ["- night pain: yes"],
    "{not: {any: [leg_trouble, complaint.night_pain]}}": [
        "- not: any of these:",
        f"  - {LEG_TROUBLE}",
        "  - night pain: yes",
    ],
    "{at least 2 of: [leg_trouble, complaint.night_pain, complaint.lhermitte]}": [
        "- at least 2 of these:",
        f"  - {LEG_TROUBLE}",
        "  - night pain: yes",
        "  - lhermitte: yes",
    ],
    "{same level: {all: [stenosis.central is severe, narrowing >= 1]}}": [
        "- at one and the same level, all of these:",
        "  - central stenosis: severe",
        "  - Narrowing: 1 points or more",
    ],
    "{same deficit: grade <= 3}": ["- in one and the same weak movement:", "  - MRC grade: 3 of 5 (MRC) or less"],
    "{same surgery: hardware}": ["- in one and the same earlier operation:", "  - implants: yes"],
    "{same course: {not: {all: [kind is exercise, outcome is failed]}}}": [
        "- in one and the same course of treatment:",
        "  - not: all of these:",
        "    - treatment: exercise",
        "    - result of the treatment: failed",
    ],
}


def entry(document: str, rule: str) -> str:
    """The condition of a rule as the document says it."""
    return document.partition(f"\n### `{rule}`\n")[2].partition("When:\n\n")[2].partition("\n\nThen:")[0]


def said(condition: str) -> str:
    """How a condition is said in a rulebook with one rule more."""
    rule = (
        f"- rule: lumbar.said\n  says: Something.\n  when: {condition}\n  concludes: {{supports: conservative_care}}\n"
        "  strength: strong\n  sources: [NG59]\n"
    )
    book = load_rulebook(SOUND | {"rules/said.yaml": rule}, accounted=False)
    return entry(write_book(book), "lumbar.said")


@pytest.mark.parametrize("condition", SAID)
def test_a_condition_is_said_in_the_words_and_units_of_the_vocabulary(condition: str) -> None:
    assert said(condition).split("\n") == SAID[condition]


def test_conditions_that_differ_are_said_differently(rulebook: Rulebook) -> None:
    """What two rules are said to ask for is the same only if they ask for the same."""
    document = write_book(rulebook)
    written: dict[str, str] = {}
    for name, rule in list_book(rulebook)["rules"].items():
        when = " ".join(rule["when"].split())
        assert written.setdefault(entry(document, name), when) == when, name


WHEN = """{all: [leg_trouble, {any: [complaint.leg_pain >= 4, complaint.night_pain]}, {same level: {all:
  [region is lumbar, "spondylolisthesis.type in [degenerative, isthmic]", meyerding >= 2]}},
  complaint.duration < $conservative_weeks]}"""
CHANGES = [
    ("complaint.leg_pain >= 4", "complaint.leg_pain > 4"),
    ("complaint.leg_pain >= 4", "complaint.leg_pain < 4"),
    ("complaint.leg_pain >= 4", "complaint.leg_pain >= 5"),
    ("complaint.leg_pain >= 4", "complaint.back_pain >= 4"),
    ("complaint.night_pain", "complaint.night_pain is no"),
    ("complaint.night_pain", "{not: complaint.night_pain}"),
    ("region is lumbar", "region is not lumbar"),
    ("[degenerative, isthmic]", "[degenerative, dysplastic]"),
    ("type in", "type not in"),
    ("leg_trouble, ", ""),
    ("any:", "all:"),
    ("any:", "at least 2 of:"),
    ("meyerding", "osteophytes"),
    ("$conservative_weeks", "6 weeks"),
    ("$conservative_weeks", "6 months"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_condition_that_changes_is_said_otherwise(old: str, new: str) -> None:
    changed = WHEN.replace(old, new, 1)
    assert changed != WHEN
    assert said(changed) != said(WHEN)


def test_a_statement_that_waits_says_for_what(rulebook: Rulebook) -> None:
    waiting = write_book(rulebook).partition("\n### `lumbar.fusion.unstable-slip`\n")[2].partition("\n### ")[0]
    assert "- While it is open, shown only once something is known of a level on imaging\n" in waiting
