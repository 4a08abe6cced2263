from __future__ import annotations

from pathlib import Path

import pytest

from app.triage import Rulebook
from app.triage.book import to_html, write_book, write_coverage
from tests.cli.conftest import Run


def test_the_rulebook_is_printed_as_markdown_and_written_as_html(run: Run, rulebook: Rulebook, tmp_path: Path) -> None:
    file = tmp_path / "rulebook.html"
    printed = run("rulebook", "book")
    written = run("rulebook", "book", "--format", "html", "--out", str(file))
    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert printed.stdout == write_book(rulebook)
    assert file.read_text("utf-8") == to_html(printed.stdout)


def test_the_coverage_is_printed_or_written_to_a_file(run: Run, rulebook: Rulebook, tmp_path: Path) -> None:
    printed = run("rulebook", "coverage")
    written = run("rulebook", "coverage", "--out", str(tmp_path / "coverage.md"))
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout == (tmp_path / "coverage.md").read_text("utf-8") == write_coverage(rulebook)


@pytest.mark.parametrize("command", ["book", "coverage"])
def test_a_file_that_cannot_be_written_is_bad_input(run: Run, tmp_path: Path, command: str) -> None:
    refused = run("rulebook", command, "--out", str(tmp_path / "nowhere" / "coverage.md"))
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr
