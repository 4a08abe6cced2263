"""A backup of a SQLite database while the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.access import Action
from app.cli.clinics import chosen_clinics, run_owned
from app.cli.operators import tell_reading
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.errors import KeysMissing, StoreUnavailable
from app.store import Database

_MEGABYTE = 1_000_000


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; it is never overwritten.")],
) -> None:
    """Copy a SQLite database to FILE, whole and as it is at one moment, while the service goes on.

    The master keys are not in it: keep a copy of them elsewhere. What is erased later stays in it until it is deleted.
    For PostgreSQL there are pg_dump and pg_basebackup; docs/operating.md shows how.

    Example: spine-triage backup /backups/spine-triage-2026-11-28.sqlite3

    Exits with 0 when FILE is on the disk, 2 if it cannot be made, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    with progress_bar() as bar:
        task = bar.add_task("pages", total=None)
        size = rooms.back_up(
            file, lambda done, total: bar.update(task, completed=done, total=total), lambda: _tell_audit(rooms)
        )
    typer.echo(f"{file} holds the database, {size / _MEGABYTE:.1f} MB, without the master keys: keep those elsewhere.")


def _tell_audit(rooms: Rooms) -> None:
    """Before the copy is made, so that it holds this too; where it cannot be told the copy is made all the same."""

    async def tell(database: Database) -> None:
        await tell_reading(database, await chosen_clinics(database, None), Action.DATABASE_COPIED, rooms.now)

    try:
        run_owned(rooms, tell)
    except (StoreUnavailable, KeysMissing) as error:
        typer.echo(f"The audit could not be told of this: {error}", err=True)
