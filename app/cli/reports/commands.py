"""Reports over what is stored: `spine-triage report ...`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from app.cli.clinics import OneClinic, chosen_clinics, run_owned
from app.cli.days import DAY, period_of
from app.cli.failures import Commands
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.cli.reports.rows import Row, print_table, rows_of, write_csv
from app.cli.rooms import Rooms, rooms_of
from app.errors import InputError
from app.services.reviews.concordance import Concordance, count_concordance, count_reviewed
from app.store import Database, Period

report = typer.Typer(cls=Commands, help="Reports over what is stored. They name no patient.", no_args_is_help=True)

_PICTURES = (".png", ".svg")


class By(StrEnum):
    """What a concordance is broken down by."""

    RULE = "rule"
    CATEGORY = "category"


@report.callback()
def reports() -> None:
    """Keep `concordance` a word of its own, while it is the only report."""


@report.command()
def concordance(
    context: typer.Context,
    clinic: OneClinic = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, metavar="DAY", help="Reviews of this day and later.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, metavar="DAY", help="Reviews of this day and earlier.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="Only this breakdown.", show_default="both")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help="The rows as CSV, too.")] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="A picture, too: a name in .svg or .png.")
    ] = None,
) -> None:
    """Show how often clinicians agreed with notes: on the whole, with each rule that spoke, and with each category.

    The latest review that a reviewer made of a note counts. `share` is agreed of agreed and disagreed, with the 95 %
    Wilson interval; docs/reviews.md says what counts as which. The least agreed comes first. Days are those of the
    clinic's calendar. Shows progress on a terminal. A picture needs matplotlib, the optional extra "plot".

    Example: spine-triage report concordance --from 2026-07-01 --to 2026-09-30 --csv quarter.csv --plot quarter.svg

    Exits with 0; 2 if there is no such clinic, a file cannot be written, or matplotlib is not installed; 3 when the
    database is not available.
    """
    rooms = rooms_of(context)
    period = period_of(rooms, first, last)
    _check_files(csv, plot)
    found = run_owned(rooms, lambda database: _count(database, rooms, clinic, period))
    rows = rows_of(found, [kind.value for kind in By] if by is None else [by.value])
    print_table(rows)
    _write(rows, csv, plot, _title(first, last))


async def _count(database: Database, rooms: Rooms, clinic: str | None, period: Period) -> Concordance:
    clinics = await chosen_clinics(database, clinic)
    total = await count_reviewed(database, clinics, period)
    with progress_bar() as progress:
        task = progress.add_task("counting", total=total)
        return await count_concordance(database, clinics, period, rooms.now(), lambda: progress.advance(task), who())


def _check_files(csv: Path | None, plot: Path | None) -> None:
    """InputError for what could not be written, before anything is counted."""
    if plot is not None:
        if plot.suffix not in _PICTURES:
            raise InputError(f"{plot}: a picture is named .svg or .png")
        if find_spec("matplotlib") is None:
            raise InputError(
                'a picture needs matplotlib, the optional extra "plot": pip install ".[plot]" in the checkout'
            )
    for path in (csv, plot):
        if path is not None and not path.parent.is_dir():
            raise InputError(f"{path} cannot be written: there is no folder {path.parent}")


def _write(rows: list[Row], csv: Path | None, plot: Path | None, title: str) -> None:
    try:
        if csv is not None:
            write_csv(rows, csv)
        if plot is not None:
            # matplotlib is an optional extra, so what needs it is only imported where it is there.
            from app.cli.reports.plot import draw_concordance  # noqa: PLC0415 - see above

            draw_concordance(rows, title, plot)
    except OSError as error:
        raise InputError(f"{error.filename} cannot be written: {error.strerror}") from None


def _title(first: datetime | None, last: datetime | None) -> str:
    span = [f"{word} {day:%Y-%m-%d}" for word, day in (("from", first), ("to", last)) if day is not None]
    return " ".join(["Concordance of reviews with notes", *(span or ["of all time"])])
