"""Erasing what was kept for long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from app.cli.clinics import OneClinic, chosen_clinics, run_owned
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.services.patients.retain import Due, Retention, count_due, retain
from app.services.patients.scrubbing import PATIENTLY, scrub
from app.store import Database


def retention(
    context: typer.Context,
    clinic: OneClinic = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much there is to erase.")] = False,
) -> None:
    """Erase patients of whom nothing was stored for SPINE_TRIAGE_RETENTION_DAYS, and forget old Idempotency-Keys.

    Run it daily. A few patients at a time, while the service is at work; each batch has an audit event. Without that
    setting no patient is erased.

    Example: spine-triage retention --dry-run

    Exits with 0 when nothing is left that should be gone, 2 if there is no such clinic, 3 without the database.
    """
    rooms = rooms_of(context)
    if rooms.retention_days is None:
        typer.echo("SPINE_TRIAGE_RETENTION_DAYS is not set: no patient is erased.")
    due = run_owned(rooms, lambda database: _apply(database, rooms, clinic, dry_run=dry_run))
    done = ("would be erased", "would be forgotten") if dry_run else ("erased", "forgotten")
    typer.echo(f"{_number(due.patients, 'patient')} {done[0]}, {_number(due.receipts, 'Idempotency-Key')} {done[1]}.")


async def _apply(database: Database, rooms: Rooms, clinic: str | None, *, dry_run: bool) -> Due:
    kept = Retention(
        patients=None if rooms.retention_days is None else timedelta(days=rooms.retention_days),
        receipts=timedelta(hours=rooms.receipt_hours),
        keeps_notes=rooms.keeps_notes,
    )
    clinics = await chosen_clinics(database, clinic)
    due = [await count_due(database, each, kept, rooms.now()) for each in clinics]
    if dry_run:
        return _sum(due)
    with progress_bar() as progress:
        total = _sum(due)
        task = progress.add_task("erasing", total=total.patients + total.receipts)
        done = [
            await retain(database, each, kept, rooms.now, lambda count: progress.advance(task, count), who())
            for each in clinics
        ]
    # Whatever came of the last ones: what an erasure could not take out of the files at the time goes now.
    await scrub(database, PATIENTLY)
    return _sum(done)


def _sum(dues: list[Due]) -> Due:
    return Due(sum(each.patients for each in dues), sum(each.receipts for each in dues))


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
