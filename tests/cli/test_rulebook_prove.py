from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from app.triage import Consultation
from tests.cli.conftest import Run

pytest.importorskip("z3")

SMALL = Path(__file__).parents[1] / "governance" / "proven"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(SMALL, tmp_path / "rulebook")


def test_a_rulebook_of_which_every_law_holds_is_said_so_law_by_law(run: Run, folder: Path) -> None:
    proven = run("rulebook", "prove", str(folder))
    assert proven.exit_code == 0
    *laws, outcome = proven.stdout.splitlines()
    assert [line.split()[0] for line in laws if not line.startswith(" ")] == ["ok"] * 9
    assert outcome.endswith("every law holds.")


def test_a_failure_names_the_rule_and_shows_a_body_that_can_be_posted(run: Run, folder: Path) -> None:
    rules = folder / "rules" / "lumbar.yaml"
    rules.write_text(rules.read_text().replace("complaint.leg_pain >= 4", "complaint.leg_pain < 4"))
    proven = run("rulebook", "prove", str(folder))
    assert proven.exit_code == 1
    assert "\n    lumbar.decompression.pain (rules/lumbar.yaml:8) speaks for lumbar_decompression" in proven.stdout
    body = next(line.partition("shown by ")[2] for line in proven.stdout.splitlines() if "shown by " in line)
    Consultation.model_validate(json.loads(body))
    assert proven.stdout.endswith("1 law fails.\n")


def test_the_outcome_can_be_had_as_json(run: Run, folder: Path) -> None:
    proven = json.loads(run("rulebook", "prove", str(folder), "--json").stdout)
    assert all(law["holds"] and law["failures"] == [] and law["sentence"] for law in proven)


def test_a_rulebook_with_faults_is_refused_before_anything_is_proven(run: Run, folder: Path) -> None:
    (folder / "odd.yaml").write_text("[]\n")
    refused = run("rulebook", "prove", str(folder))
    assert refused.exit_code == 1
    assert "odd.yaml:1: " in refused.stderr


def test_without_z3_it_says_what_to_install(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)  # as where it is not installed
    refused = run("rulebook", "prove", str(folder))
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert "pip install '.[prove]'" in refused.stderr
