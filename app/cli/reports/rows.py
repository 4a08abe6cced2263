"""A concordance as rows, the least agreed first: on the terminal and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.services.reviews.concordance import Concordance, Tally

COLUMNS = ("kind", "id", "agreed", "disagreed", "not_said", "n", "share", "low", "high")
"""Of the CSV. `n` is agreed and disagreed together, `share` agreed of these, `low` and `high` its 95 % interval."""

_PIPED_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that reviews can agree with: the note as a whole, a rule or a category."""

    kind: str
    id: str
    tally: Tally


def rows_of(found: Concordance, kinds: Sequence[str]) -> list[Row]:
    """The whole first, then each kind (`rule`, `category`), the least agreed first; what nobody said comes last."""
    tallies = {"rule": found.rules, "category": found.categories}
    rows = [Row("note", "all reviewed notes", found.overall)]
    for kind in kinds:
        rows += sorted((Row(kind, name, tally) for name, tally in tallies[kind].items()), key=_place)
    return rows


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows as a table on standard output."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPED_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for name in ("agreed", "disagreed", "not said", "of n", "share", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    for before, row in zip((None, *rows), rows, strict=False):
        if before is not None and before.kind != row.kind:
            table.add_section()
        tally, interval = row.tally, row.tally.interval
        share = ("-", "-") if interval is None else (_percent(tally.share), " to ".join(map(_percent, interval)))
        counts = (tally.agreed, tally.disagreed, tally.not_said, tally.said)
        table.add_row(row.kind, row.id, *map(str, counts), *share)
    console.print(table)


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Write the rows to a file, shares and ends of intervals from 0 to 1, empty where nobody said. OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            tally = row.tally
            shares = ("", "", "") if tally.share is None else (tally.share, *(tally.interval or ()))
            rounded = [share if isinstance(share, str) else f"{share:.6f}" for share in shares]
            writer.writerow((row.kind, row.id, tally.agreed, tally.disagreed, tally.not_said, tally.said, *rounded))


def _place(row: Row) -> tuple[bool, float, int, str]:
    share = row.tally.share
    return share is None, share or 0.0, -row.tally.said, row.id


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
