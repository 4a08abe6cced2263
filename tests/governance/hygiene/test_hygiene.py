"""What the check finds in a rulebook that loads.

Each folder beside this file lies over the rulebook in `tests/rejected/sound`. A line that ends in `# found: code:
words` is to be reported once by that code, with these words in the remedy; no other line by it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from app.governance import read_rulebook_files
from app.governance.hygiene import Finding, find_findings
from app.governance.hygiene.wording import stern_word
from app.triage import Consultation, Rulebook, Triage, load_rulebook

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SOUND = read_rulebook_files(ROOT / "tests" / "rejected" / "sound")
CODES = sorted(folder.name for folder in HERE.iterdir() if (folder / "rules").is_dir() or any(folder.glob("*.yaml")))
TODAY = date(2026, 11, 23)
_MARK = re.compile(r"# found: (?P<code>[a-z-]+): (?P<remedy>.+)$")


def findings_of(overlay: Mapping[str, str], *, solve: bool = False) -> list[Finding]:
    return find_findings(load_rulebook(SOUND | dict(overlay), accounted=False), TODAY, solve=solve)


@pytest.mark.parametrize("code", CODES)
def test_a_flaw_is_reported_once_at_its_line_and_told_what_would_be_right(code: str) -> None:
    overlay = read_rulebook_files(HERE / code)
    expected = dict(_marks(overlay))
    found = [finding for finding in findings_of(overlay, solve=True) if finding.code == code]
    assert expected
    assert Counter((finding.place.file, finding.place.line) for finding in found) == Counter(expected.keys())
    for finding in found:
        assert expected[finding.place.file, finding.place.line] in finding.remedy


def test_a_shadowed_rule_comes_with_a_consultation_in_which_both_are_true() -> None:
    overlay = read_rulebook_files(HERE / "shadowed-rule")
    (finding,) = [finding for finding in findings_of(overlay, solve=True) if finding.code == "shadowed-rule"]
    assert finding.witness is not None
    note = Triage(load_rulebook(SOUND | overlay, accounted=False)).note(
        Consultation.model_validate(finding.witness), TODAY
    )
    present = {flag["rule"] for flag in note["red_flags"] if flag["status"] == "present"}
    assert {"red_flag.narrower", "red_flag.saddle"} <= present


def test_a_source_is_overdue_a_year_and_a_day_after_it_was_looked_at() -> None:
    book = load_rulebook(SOUND)
    overdue = [
        [finding.code for finding in find_findings(book, day, solve=False) if finding.code == "overdue-source"]
        for day in (date(2027, 11, 22), date(2027, 11, 23))
    ]
    assert overdue == [[], ["overdue-source"]]


def unread(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.problem.split(" ")[0]: finding for finding in findings if finding.code == "unread-fact"}


def test_a_fact_that_nothing_reads_is_reported_where_the_vocabulary_declares_it() -> None:
    finding = unread(findings_of({}))["scores.eq5d_index"]
    declared = (ROOT / "app" / finding.place.file).read_text().splitlines()[finding.place.line - 1]
    assert declared.strip().startswith("eq5d_index:")


def test_a_fact_that_is_recorded_on_purpose_is_not_reported() -> None:
    recorded = "- recorded: outcomes\n  facts: [scores.eq5d_index]\n  because: Outcomes are followed over time.\n"
    plain, told = unread(findings_of({})), unread(findings_of({"recorded.yaml": recorded}))
    assert plain.keys() - told.keys() == {"scores.eq5d_index"}


def unasked(findings: list[Finding]) -> set[str]:
    return {finding.problem.split(" ")[0] for finding in findings if finding.code == "unasked-fact"}


def test_a_fact_that_only_the_bands_of_a_score_read_is_asked_by_nobody() -> None:
    odi = "{score: odi, title: ODI, of: scores.odi_percent, sources: [NG59], bands: [{band: any, from: 0, to: 100}]}"
    more = findings_of({"scores.yaml": SOUND["scores.yaml"] + f"\n- {odi}\n"})
    assert unasked(more) - unasked(findings_of({})) == {"scores.odi_percent"}


def test_the_shipped_rulebook_has_no_error(rulebook: Rulebook) -> None:
    assert [str(finding) for finding in find_findings(rulebook, TODAY, solve=True) if finding.severity == "error"] == []


WRITTEN_BY_CODE = sorted(file for room in ("note", "page") for file in (ROOT / "app" / "triage" / room).glob("*.py"))


@pytest.mark.parametrize("file", WRITTEN_BY_CODE, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_sentence_that_the_note_itself_brings_says_more_than_a_note_may(file: Path) -> None:
    tree = ast.parse(file.read_text())
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks
    ]
    assert [text for text in texts if stern_word(text)] == []


def _marks(files: Mapping[str, str]) -> Iterator[tuple[tuple[str, int], str]]:
    for name, text in files.items():
        for line, content in enumerate(text.splitlines(), start=1):
            mark = _MARK.search(content)
            if mark:
                yield (name, line), mark["remedy"]
