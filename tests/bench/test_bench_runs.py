from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]

_SECONDS = 600
"""A run that hangs ends; one beside other work does not."""

TINY = ("--rounds", "1", "--bodies", "8", "--passes", "1", "--requests", "16")
ROWS = {
    "values": ("times Rust CEL",),
    "reasons": ("what open rules depend on", "what speaks for true ones", "in a note's words"),
    "triage": ("8 bodies again and again", "each body once", "README's body"),
    "consultations": ("share of the bare writer", "share of it with HTTP"),
}


def run_bench(*arguments: str) -> str:
    """What a tiny run prints. It ends with 0 whatever the ratios are."""
    command = [sys.executable, "-m", "bench", *TINY, *arguments]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    return " ".join(ended.stdout.replace("│", " ").split())


def test_one_run_prints_every_row_with_its_goal() -> None:
    printed = run_bench()
    for name in (row for rows in ROWS.values() for row in rows):
        assert name in printed
    for goal in ("at least 3", "at most 3", "at least 0.65", "at least 0.7"):
        assert goal in printed


def test_a_part_can_be_measured_alone() -> None:
    printed = run_bench("--only", "values")
    for part, rows in ROWS.items():
        assert all((row in printed) == (part == "values") for row in rows)
