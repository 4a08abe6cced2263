"""The account of what became of the clinical evidence, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

from app.triage import Rulebook
from app.triage.book import list_book, write_coverage

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
KINDS = ("parameters", "scores", "techniques")


def test_the_page_is_current(rulebook: Rulebook) -> None:
    """When this fails: `.venv/bin/spine-triage rulebook coverage --out docs/coverage.md`."""
    assert PAGE.read_text("utf-8") == write_coverage(rulebook)


def test_every_rule_stands_beside_a_paragraph_of_the_evidence(rulebook: Rulebook) -> None:
    rows = [line for line in write_coverage(rulebook).splitlines() if line.startswith("| ")]
    for rule in rulebook.rules:
        assert any(f"`{rule.id}`" in row for row in rows), rule.id


def test_every_paragraph_has_a_row_that_says_what_became_of_it(rulebook: Rulebook) -> None:
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in write_coverage(rulebook).splitlines()}
    for paragraph in rulebook.coverage.values():
        title, became = rows[paragraph.id].removesuffix(" |").split(" | ")[1:]
        assert title == paragraph.title
        assert became


def test_paragraphs_are_read_by_number_whatever_their_files_are_called(rulebook: Rulebook) -> None:
    page = write_coverage(rulebook)
    places = [page.index(f"\n| {name} |") for name in ("2.0", "2.1b", "2.12.at-risk", "3.1.first", "5.smoking", "6.16")]
    assert places == sorted(places)


def test_sections_2_3_5_and_6_of_the_evidence_are_all_accounted_for(rulebook: Rulebook) -> None:
    """Numbered paragraphs of the evidence; a claim inside one has an id that begins with its number."""
    expected = {f"2.{number}" for number in range(1, 24)} | {"2.1b", "2.1c", "2.4b", "2.4c", "2.5b", "2.6b", "2.6c"}
    expected |= {f"3.{number}" for number in range(1, 16)} | {f"6.{number}" for number in range(1, 17)}
    for number in sorted(expected):
        assert any(name == number or name.startswith(f"{number}.") for name in rulebook.coverage), number


def test_the_paragraphs_are_entries_as_rules_are(rulebook: Rulebook) -> None:
    entries = list_book(rulebook)["coverage"]
    assert entries.keys() == rulebook.coverage.keys()
    assert entries["2.1b"]["rules"] == ["red_flag.cauda_equina.warning"]


def test_every_number_score_and_technique_stands_beside_a_paragraph_too(rulebook: Rulebook) -> None:
    named = {kind: {name for at in rulebook.coverage.values() for name in dict(at.named)[kind]} for kind in KINDS}
    techniques = {technique.id for category in rulebook.categories.values() for technique in category.techniques}
    assert named["parameters"] == rulebook.parameters.keys()
    assert named["scores"] == rulebook.scores.keys()
    assert named["techniques"] == techniques
