"""Two folders of knowledge files compared: in words, by the solver, and over the stored consultations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import typer

from app.access import Action
from app.cli.clinics import chosen_clinics
from app.cli.failures import ExitCode
from app.cli.operators import tell_reading
from app.cli.progress import progress_bar
from app.cli.rulebook.changed_rows import ChangedRows, direction
from app.cli.rulebook.differing import tell_differences
from app.errors import RulebookRefused
from app.governance import has_solver, read_rulebook_files
from app.governance.diff import Change, changes_in_words
from app.services.rejudge import Rejudged, count_stored, rejudge
from app.store import Database
from app.triage import Rulebook, Triage, load_rulebook

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the stored consultations are, and the file for a row of CSV on each that changes."""

    open_database: Callable[[], Database]
    clinic: str | None
    """None for every clinic."""
    csv_file: Path | None
    now: Callable[[], datetime]


async def compare_folders(folders: tuple[Path, Path], today: date, stored: Stored | None, *, solve: bool) -> ExitCode:
    """Print all that going from one folder to another changes; AT_FAULT where an urgency is lowered.

    Without `stored` the stored consultations are left out. StoreUnavailable when their database is not there or not
    at the newest schema.
    """
    old_folder, new_folder = folders
    old, new = _load(old_folder), _load(new_folder)
    for name, folder, book in (("old", old_folder, old), ("new", new_folder, new)):
        typer.echo(f"{name}: {folder}, version {book.version}, digest {book.digest[:12]}")
    typer.echo()
    changes = changes_in_words(old, new)
    lowered = [change for change in changes if change.urgency < 0]
    _tell("LOWERED URGENCY", lowered)
    _tell("CHANGED", [change for change in changes if change.urgency >= 0])
    if not changes:
        typer.echo("Nothing changed in words.\n")
    fell, rulebooks = bool(lowered), (Triage(old), Triage(new))
    if changes and not (solve and has_solver()):
        why = "z3 is not installed: no" if solve else "No"
        typer.echo(f"{why} solver looked for urgencies that this lowers, so it counts as if there were some.\n")
        fell = True
    elif solve and old.digest != new.digest:
        fell |= tell_differences(*rulebooks, today)
    if stored is not None:
        fell |= await _tell_stored(stored, rulebooks)
    return ExitCode.AT_FAULT if fell else ExitCode.FINE


def _load(folder: Path) -> Rulebook:
    """A rulebook as it is, also one of the time before every rule had to stand beside its paragraph of the evidence."""
    try:
        return load_rulebook(read_rulebook_files(folder), accounted=False)
    except RulebookRefused as refused:
        for fault in refused.faults:
            typer.echo(f"{folder}/{fault}", err=True)
        raise typer.Exit(ExitCode.AT_FAULT) from None


def _tell(title: str, changes: list[Change]) -> None:
    if not changes:
        return
    typer.echo(f"{title}\n")
    for change in changes:
        typer.echo(f"- {change.how} {change.what} ({change.place})")
        for line in change.lines:
            typer.echo(f"    {line}".rstrip())
    typer.echo()


async def _tell_stored(stored: Stored, rulebooks: tuple[Triage, Triage]) -> bool:
    """Print what would become of the stored consultations; whether an urgency would be lowered.

    StoreUnavailable when the database is not there or not at the newest schema.
    """
    counts: Counter[str] = Counter()
    database = stored.open_database()
    try:
        await database.check()
        clinics = await chosen_clinics(database, stored.clinic)
        digests = {"rulebooks": [each.rulebook.digest for each in rulebooks]}
        await tell_reading(database, clinics, Action.RULEBOOKS_COMPARED, stored.now, digests)
        total = sum([await count_stored(database, clinic) for clinic in clinics])
        with ChangedRows(stored.csv_file) if stored.csv_file else nullcontext() as rows, progress_bar() as progress:
            task = progress.add_task("judging", total=total)

            def report(rejudged: Rejudged) -> None:
                progress.advance(task)
                line = _count(rejudged, counts)
                if line and counts["named"] < _NAMED:
                    counts["named"] += 1
                    # Off while a line is written, or the two would share a line of the terminal.
                    progress.stop()
                    typer.echo(line)
                    progress.start()
                if rows is not None and rejudged.effect is not None and rejudged.effect.changed:
                    rows.add(rejudged, rejudged.effect)

            typer.echo("STORED CONSULTATIONS\n")
            for clinic in clinics:
                await rejudge(database, clinic, rulebooks, report)
    finally:
        await database.close()
    _sum_up(counts)
    return bool(counts["lowered"])


def _count(rejudged: Rejudged, counts: Counter[str]) -> str | None:
    """Count one consultation; a line about it where its urgency falls or it cannot be judged."""
    counts["judged"] += 1
    effect, name = rejudged.effect, f"{rejudged.consultation_id} revision {rejudged.revision}"
    if effect is None:
        counts["failed"] += 1
        return f"{name}: cannot be judged: {rejudged.failure}"
    counts["gained"] += bool(effect.gained)
    counts["lost"] += bool(effect.lost)
    if effect.changed:
        counts["changed"] += 1
        counts[direction(effect)] += 1
    elif effect.reworded:
        counts["reworded"] += 1
    if not effect.lowered:
        return None
    return f"{name}: lowered: {effect.told_urgency()}"


def _sum_up(counts: Counter[str]) -> None:
    if counts["lowered"] + counts["failed"] > counts["named"]:
        typer.echo(f"and {counts['lowered'] + counts['failed'] - counts['named']} more; --csv lists every change")
    typer.echo(
        f"{counts['judged']} judged by both: {counts['lowered']} with a lowered urgency, {counts['raised']} raised, "
        f"{counts['same urgency']} with other categories only, {counts['reworded']} in other words only.\n"
        f"Categories gained in {counts['gained']}, lost in {counts['lost']}."
        + (f" {counts['failed']} cannot be judged." if counts["failed"] else "")
    )
