from __future__ import annotations

from pathlib import Path

from app.triage import Rulebook
from app.triage.book import write_coverage
from tests.cli.conftest import Run


def test_the_coverage_is_printed_or_written_to_a_file(run: Run, rulebook: Rulebook, tmp_path: Path) -> None:
    printed = run("rulebook", "coverage")
    written = run("rulebook", "coverage", "--out", str(tmp_path / "coverage.md"))
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout == (tmp_path / "coverage.md").read_text("utf-8") == write_coverage(rulebook)


def test_a_file_that_cannot_be_written_is_bad_input(run: Run, tmp_path: Path) -> None:
    refused = run("rulebook", "coverage", "--out", str(tmp_path / "nowhere" / "coverage.md"))
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr
