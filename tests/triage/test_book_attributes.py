"""The thirteen source attributes that US certification asks of evidence-based decision support."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.governance import read_rulebook_files
from app.triage import Rulebook, load_rulebook
from app.triage.book import describe_book, source_attributes

SOUND = read_rulebook_files(Path(__file__).parents[1] / "rejected" / "sound")
THIRTEEN = [
    "bibliographic_citation",
    "developer",
    "funding_source",
    "release_and_revision_dates",
    "race",
    "ethnicity",
    "language",
    "sexual_orientation",
    "gender_identity",
    "sex",
    "date_of_birth",
    "social_determinants",
    "health_status_assessments",
]
ABOUT_DATA = THIRTEEN[4:]


def attributes(book: Rulebook) -> dict[str, dict[str, Any]]:
    return {entry["attribute"]: entry for entry in source_attributes(book)}


def reading(condition: str) -> Rulebook:
    """A rulebook with one rule more, which reads what the condition names."""
    rule = (
        f"- rule: lumbar.reads\n  says: Something.\n  when: {condition}\n  concludes: {{supports: conservative_care}}\n"
        "  strength: strong\n  sources: [NG59]\n"
    )
    return load_rulebook(SOUND | {"rules/reads.yaml": rule}, accounted=False)


def test_all_thirteen_are_there_in_order_and_each_says_something(rulebook: Rulebook) -> None:
    found = source_attributes(rulebook)
    assert [entry["attribute"] for entry in found] == THIRTEEN
    assert all(entry["title"] and entry["says"] for entry in found)
    assert [entry["attribute"] for entry in found if entry["used"] is None] == THIRTEEN[:4]
    assert describe_book(rulebook)["source_attributes"] == found


def test_a_rulebook_that_reads_no_such_data_says_so() -> None:
    found = attributes(load_rulebook(SOUND))
    assert [name for name in ABOUT_DATA if found[name]["used"]] == []


READ = {
    "patient.sex is female": ("sex", ["patient.sex"]),
    "patient.age >= 50": ("date_of_birth", ["patient.age"]),
    "{not: {all: [history.work_or_legal_strain, complaint.night_pain]}}": (
        "social_determinants",
        ["history.work_or_legal_strain"],
    ),
    "scores.odi_percent >= 40": ("health_status_assessments", ["scores.odi_percent"]),
    "history.smoking is current": ("health_status_assessments", ["history.smoking"]),
}


@pytest.mark.parametrize("condition", READ)
def test_data_that_a_rule_reads_is_said_to_be_used_and_by_which_rule(condition: str) -> None:
    name, facts = READ[condition]
    found = attributes(reading(condition))
    assert [other for other in ABOUT_DATA if found[other]["used"]] == [name]
    assert found[name]["facts"] == facts
    assert found[name]["rules"] == ["lumbar.reads"]


def test_data_that_only_a_score_reads_is_used_too() -> None:
    score = "\n- score: odi\n  title: ODI\n  of: scores.odi_percent\n  sources: [NG59]\n"
    score += "  bands: [{band: any, from: 0, to: 100}]\n"
    found = attributes(load_rulebook(SOUND | {"scores.yaml": SOUND["scores.yaml"] + score}))
    assert found["health_status_assessments"]["rules"] == ["odi"]


def test_the_shipped_rules_read_sex_and_age_but_neither_race_nor_language(rulebook: Rulebook) -> None:
    found = attributes(rulebook)
    assert found["sex"]["used"]
    assert found["date_of_birth"]["used"]
    unused = ["race", "ethnicity", "language", "sexual_orientation", "gender_identity"]
    assert [name for name in unused if found[name]["used"]] == []


def test_what_is_declared_is_shown_as_declared(rulebook: Rulebook) -> None:
    found = attributes(rulebook)
    assert found["developer"]["says"] == rulebook.developer
    assert found["funding_source"]["says"] == rulebook.funding
    assert rulebook.released in found["release_and_revision_dates"]["says"]


def test_the_citation_names_every_source_that_something_leans_on(rulebook: Rulebook) -> None:
    cited = set(attributes(rulebook)["bibliographic_citation"]["sources"])
    assert cited >= {name for rule in rulebook.rules for name in rule.sources}
    assert cited >= {name for parameter in rulebook.parameters.values() for name, _ in parameter.others}
    assert cited <= rulebook.sources.keys()


def test_a_rulebook_of_an_earlier_release_states_neither_developer_nor_funding() -> None:
    head = "".join(
        line
        for line in SOUND["rulebook.yaml"].splitlines(keepends=True)
        if not line.startswith(("developer", "funding"))
    )
    files = SOUND | {"rulebook.yaml": head}
    found = attributes(load_rulebook(files, accounted=False))
    assert (found["developer"]["says"], found["funding_source"]["says"]) == ("Not stated.", "Not stated.")
