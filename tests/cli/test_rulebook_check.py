from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

TESTS = Path(__file__).parents[1]
KNOWLEDGE = TESTS.parent / "app" / "knowledge"
SOUND = TESTS / "rejected" / "sound"
HYGIENE = TESTS / "governance" / "hygiene"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")


def test_the_packaged_rulebook_is_sound(run: Run) -> None:
    checked = run("rulebook", "check", "--no-solver")
    assert checked.exit_code == 0
    assert "is sound" in checked.stdout
    assert checked.stderr == ""


def test_a_copy_of_a_rulebook_has_the_same_digest_whatever_its_line_ends(run: Run, folder: Path) -> None:
    for file in folder.rglob("*.yaml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    copied, packaged = (run("rulebook", "check", "--no-solver", str(each)) for each in (folder, KNOWLEDGE))
    assert copied.stdout.splitlines()[1] == packaged.stdout.splitlines()[1]


def test_files_that_cannot_be_read_are_reported_at_once_with_file_and_line(run: Run, folder: Path) -> None:
    (folder / "rules" / "more.yml").write_text("[]\n")
    (folder / "rules" / "latin.yaml").write_bytes(b"# fine\n# caf\xe9\n")
    checked = run("rulebook", "check", str(folder))
    assert checked.exit_code == 1
    assert checked.stdout == ""
    assert f"{folder}/rules/latin.yaml:2: " in checked.stderr
    assert f"{folder}/rules/more.yml:1: " in checked.stderr


def test_faults_of_meaning_are_reported_at_once_with_file_and_line(run: Run, folder: Path) -> None:
    (folder / "rules" / "more.yaml").write_text("- rule: no.such\n  unheard_of: 1\n")
    (folder / "odd.yaml").write_text("[]\n")
    checked = run("rulebook", "check", str(folder))
    assert checked.exit_code == 1
    assert f"{folder}/rules/more.yaml:2: " in checked.stderr
    assert f"{folder}/odd.yaml:1: " in checked.stderr


def test_notes_are_shown_and_only_count_when_asked_to(run: Run, folder: Path) -> None:
    (folder / "sources" / "more.yaml").write_text(
        "- {source: NOBODY, citation: Read by nobody, kind: review, strength: weak, checked: recalled, "
        'reviewed_on: "2020-01-01"}\n'
    )
    check = ("rulebook", "check", str(folder), "--no-solver")
    checked, strict = run(*check), run(*check, "--strict")
    said = f"{folder}/sources/more.yaml:1: note: no statement cites source NOBODY "
    assert (checked.exit_code, strict.exit_code) == (0, 1)
    assert said in checked.stdout
    assert said in strict.stdout


def test_errors_of_a_rulebook_that_loads_are_reported_with_file_and_line(run: Run, folder: Path) -> None:
    text = (folder / "rules" / "preoperative.yaml").read_text()
    line = next(n for n, line in enumerate(text.splitlines(), start=1) if line.startswith("  says: "))
    (folder / "rules" / "preoperative.yaml").write_text(text.replace("  says: ", "  says: You must know. ", 1))
    checked = run("rulebook", "check", str(folder), "--no-solver")
    assert checked.exit_code == 1
    assert f"{folder}/rules/preoperative.yaml:{line}: error: 'must' says more than a note may" in checked.stderr
    assert "can be loaded, with 1 error." in checked.stderr
    assert "is sound" not in checked.stdout


def test_what_only_the_solver_can_prove_is_reported_with_a_consultation(run: Run, tmp_path: Path) -> None:
    small = shutil.copytree(SOUND, tmp_path / "small")
    (small / "rules" / "more.yaml").write_text((HYGIENE / "shadowed-rule" / "rules" / "more.yaml").read_text())
    covered = "\n- {paragraph: more, title: More, rules: [red_flag.narrower, red_flag.sooner]}\n"
    (small / "coverage.yaml").write_text((small / "coverage.yaml").read_text() + covered)
    checked, quick = (run("rulebook", "check", str(small), *options) for options in ((), ("--no-solver",)))
    assert f"{small}/rules/more.yaml:1: note: wherever rule red_flag.narrower is true, so is" in checked.stdout
    assert '    for example {"complaint":{' in checked.stdout
    assert "red_flag.narrower" not in quick.output


def test_without_z3_the_rest_is_checked_and_what_was_left_out_is_said(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    checked = run("rulebook", "check", str(folder))
    assert checked.exit_code == 0
    assert "z3 is not installed" in checked.stdout
    assert "is sound" in checked.stdout


def test_a_service_does_not_make_notes_with_a_refused_rulebook(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (folder / "sources").iterdir():
        file.unlink()
    monkeypatch.setenv("SPINE_TRIAGE_RULEBOOK", str(folder))
    for command in (["serve", "--migrate", "--port", "0"], ["triage", "-"]):
        refused = run(*command, input=b'{"complaint": {"regions": ["lumbar"]}}')
        assert refused.exit_code == 1
        assert "sources.yaml:1: " in refused.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("rulebook", "check", str(tmp_path / "nothing")).exit_code == 2
