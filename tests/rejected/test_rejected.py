"""Every way in which knowledge files can be refused.

Each folder beside this file lies over the rulebook in `sound`. A line that ends in `# refused: code: words` is to be
reported by that code, with these words in the remedy; a file that begins with `# absent` is taken away.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.errors import RulebookFault, RulebookRefused
from app.governance import read_rulebook_files
from app.triage import load_rulebook

HERE = Path(__file__).parent
LOADING = HERE.parents[1] / "app" / "triage" / "loading"
SOUND = read_rulebook_files(HERE / "sound")
CODES = sorted(folder.name for folder in HERE.iterdir() if (folder / "rules").is_dir() or any(folder.glob("*.yaml")))
CODES.remove("sound")
_MARK = re.compile(r"# refused: (?P<code>[a-z-]+): (?P<remedy>.+)$")


def test_the_rulebook_under_the_rejected_ones_is_sound() -> None:
    assert [rule.id for rule in load_rulebook(SOUND).rules] == ["lumbar.conservative.first", "red_flag.saddle"]


@pytest.mark.parametrize("code", CODES)
def test_a_bad_file_is_refused_at_its_line_and_told_what_would_be_right(code: str) -> None:
    overlay = read_rulebook_files(HERE / code)
    expected = dict(_marks(overlay))
    faults = [fault for fault in _refused(SOUND | overlay) if fault.code == code]
    found = {(fault.file, fault.line, fault.code): fault for fault in faults}
    assert expected
    assert found.keys() == expected.keys()
    for place, remedy in expected.items():
        assert remedy in found[place].remedy


def test_all_faults_of_all_files_are_reported_at_once_in_order() -> None:
    """Each bad rule file under a name of its own, so that they can lie side by side."""
    files = dict(SOUND)
    expected: set[tuple[str, int, str]] = set()
    for code in CODES:
        rules = {
            name.replace("rules/", f"rules/more-{code}-"): text
            for name, text in read_rulebook_files(HERE / code).items()
            if name.startswith("rules/")
        }
        files |= rules
        expected |= {place for place, _ in _marks(rules)}
    faults = _refused(files)
    assert expected <= {(fault.file, fault.line, fault.code) for fault in faults}
    assert len({file for file, _, _ in expected}) > 10
    assert list(faults) == sorted(faults)
    assert all(fault.problem and fault.remedy for fault in faults)


LISTS = ["sources.yaml", "categories.yaml", "parameters.yaml", "definitions.yaml", "scores.yaml", "coverage.yaml"]


@pytest.mark.parametrize("file", LISTS)
def test_a_file_that_cannot_be_read_is_not_reported_again_at_every_use_of_it(file: str) -> None:
    faults = _refused(SOUND | {file: SOUND[file] + "  bad: [bracket\n"})
    assert [(fault.file, fault.code) for fault in faults] == [(file, "not-yaml")]


@pytest.mark.parametrize("file", LISTS)
@pytest.mark.parametrize(("text", "code"), [("# absent", "missing-file"), ("only: a mapping", "wrong-type")])
def test_a_file_that_is_not_there_or_no_list_is_not_reported_again_at_every_use_of_it(
    file: str, text: str, code: str
) -> None:
    assert [(fault.file, fault.code) for fault in _refused(SOUND | {file: text})] == [(file, code)]


@pytest.mark.parametrize("file", LISTS)
def test_a_list_may_stand_in_several_files_of_its_folder(file: str) -> None:
    kind = file.removesuffix(".yaml")
    entries = SOUND[file].split("\n- ")
    half = len(entries) // 2 or 1
    files = {name: text for name, text in SOUND.items() if name != file}
    files |= {
        f"{kind}/first.yaml": "\n- ".join(entries[:half]),
        f"{kind}/second.yaml": "- " + "\n- ".join(entries[half:]),
    }
    if not entries[half:]:
        del files[f"{kind}/second.yaml"]
    loaded, plain = load_rulebook(files), load_rulebook(SOUND)
    assert (loaded.rules, loaded.scores, loaded.parameters) == (plain.rules, plain.scores, plain.parameters)
    assert (list(loaded.sources), list(loaded.categories)) == (list(plain.sources), list(plain.categories))
    assert [(at.id, at.rules) for at in loaded.coverage.values()] == [
        (at.id, at.rules) for at in plain.coverage.values()
    ]


def test_a_rulebook_from_before_there_was_coverage_still_loads_where_its_notes_are_made_again() -> None:
    files = {name: text for name, text in SOUND.items() if name != "coverage.yaml"}
    assert load_rulebook(files, accounted=False).rules == load_rulebook(SOUND).rules


def test_coverage_is_not_read_where_only_notes_are_made() -> None:
    changed = SOUND["rules/lumbar.yaml"].replace("red_flag.saddle", "red_flag.numb")
    loaded = load_rulebook({**SOUND, "rules/lumbar.yaml": changed}, accounted=False)
    assert [rule.id for rule in loaded.rules] == ["lumbar.conservative.first", "red_flag.numb"]
    assert not loaded.coverage


def test_an_id_that_stands_in_two_files_is_reported_with_both() -> None:
    (fault,) = _refused(SOUND | {"sources/again.yaml": SOUND["sources.yaml"].split("\n- ")[0]})
    assert (fault.file, fault.code) == ("sources/again.yaml", "duplicate-id")
    assert "of sources.yaml" in fault.problem


def test_a_rulebook_without_rules_is_refused() -> None:
    faults = _refused(SOUND | {"rules/lumbar.yaml": "# absent"})
    assert [(fault.file, fault.code) for fault in faults] == [("rules/", "missing-file")]


ONE_FAULT_EACH = {
    "an unknown category is not also a conclusion of nothing": (
        "rules/lumbar.yaml",
        "supports: conservative_care",
        "supports: [conservative_car]",
        "unknown-category",
    ),
    "a mistyped parameter is not also an unused one": (
        "rules/lumbar.yaml",
        "$conservative_weeks",
        "$conservative_week",
        "unknown-parameter",
    ),
    "a mistyped definition is not also an unused one": (
        "rules/lumbar.yaml",
        "when: leg_trouble",
        "when: leg_troubel",
        "unknown-definition",
    ),
    "a parameter without a number is not also out of range": (
        "parameters.yaml",
        "value: 6",
        "value: six",
        "wrong-type",
    ),
    "a mistyped rule in the coverage does not also leave that rule uncovered": (
        "coverage.yaml",
        "rules: [red_flag.saddle]",
        "rules: [red_flag.sadle]",
        "unknown-rule",
    ),
    "a rule with faults is still a known one": (
        "rules/lumbar.yaml",
        "strength: strong",
        "strength: strnog",
        "unknown-value",
    ),
    "a rule file that cannot be read does not leave its definitions unused": (
        "rules/lumbar.yaml",
        "strength: strong",
        "strength: [strong",
        "not-yaml",
    ),
}


@pytest.mark.parametrize("mistake", ONE_FAULT_EACH)
def test_one_mistake_is_reported_once(mistake: str) -> None:
    file, plain, mistaken, code = ONE_FAULT_EACH[mistake]
    text = SOUND[file].replace(plain, mistaken, 1)
    assert text != SOUND[file]
    assert [fault.code for fault in _refused(SOUND | {file: text})] == [code]


def test_faults_below_a_mistyped_word_are_reported_with_it() -> None:
    text = SOUND["rules/lumbar.yaml"].replace(
        "    any:\n      - complaint.saddle", "    anny:\n      - complaint.sadle"
    )
    codes = {fault.code for fault in _refused(SOUND | {"rules/lumbar.yaml": text})}
    assert codes == {"bad-condition", "unknown-fact"}


def test_every_code_of_the_loader_has_a_rejected_file() -> None:
    literals = {
        node.value
        for path in LOADING.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {text for text in literals if re.fullmatch(r"[a-z]+(-[a-z]+)+|cycle|unused", text)} == set(CODES)


def _marks(files: Mapping[str, str]) -> Iterator[tuple[tuple[str, int, str], str]]:
    for name, text in files.items():
        for line, content in enumerate(text.splitlines(), start=1):
            mark = _MARK.search(content)
            if mark:
                yield (name, line, mark["code"]), mark["remedy"]


def _refused(files: Mapping[str, str]) -> tuple[RulebookFault, ...]:
    present = {name: text for name, text in files.items() if not text.startswith("# absent")}
    with pytest.raises(RulebookRefused) as refused:
        load_rulebook(present)
    return refused.value.faults
