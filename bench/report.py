"""The one table that a run prints."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.rounds import Line

_WIDTH = 180
"""Columns where the output is not a terminal, so that no line of a log is broken."""


def print_table(lines: Sequence[Line], title: str) -> None:
    """Goal, ratio and side note of each line."""
    table = Table(title=title, title_justify="left")
    table.add_column("work", no_wrap=True)
    table.add_column("goal", no_wrap=True)
    for name in ("median", "min", "max"):
        table.add_column(name, justify="right")
    table.add_column("reached")
    table.add_column("absolute figures (of this machine, now)")
    for line in lines:
        middle = median(line.ratios)
        reached = "" if line.goal is None else "yes" if line.goal.reached(middle) else "no"
        shown = [f"{number:.2f}" for number in (middle, min(line.ratios), max(line.ratios))]
        table.add_row(line.work, str(line.goal or ""), *shown, reached, line.aside)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(table)
