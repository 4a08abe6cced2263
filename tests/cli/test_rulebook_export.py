from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_the_packaged_rulebook_is_exported_with_a_sentence_on_how_to_run_it(run: Run) -> None:
    exported = run("rulebook", "export", "--format", "cel")
    assert exported.exit_code == 0
    document = json.loads(exported.stdout)
    expressions = {entry["rule"]: entry["expression"] for entry in document["rules"]}
    assert expressions["red_flag.cord.any_sign"] == "cord_sign"
    assert "complaint.hand_clumsiness" in {entry["variable"] for entry in document["variables"]}
    assert any("undecided" in sentence for sentence in document["reading"])


def test_a_refused_rulebook_is_not_exported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("version: x\n")
    refused = run("rulebook", "export", str(tmp_path))
    assert refused.exit_code == 1
    assert refused.stdout == ""


def test_a_form_that_is_not_known_is_wrong_usage(run: Run) -> None:
    assert run("rulebook", "export", "--format", "cobol").exit_code == 2
