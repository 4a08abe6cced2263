"""Replaying every stored note, with progress on standard error and what differs on standard output."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import typer

from app.access import Action
from app.cli.clinics import chosen_clinics
from app.cli.failures import ExitCode
from app.cli.operators import tell_reading
from app.cli.progress import progress_bar
from app.services.replay import Replayed, count, replay
from app.store import Database


async def replay_notes(
    open_database: Callable[[], Database], clinic: str | None, now: Callable[[], datetime]
) -> ExitCode:
    """Replay the notes of one clinic, or of all. StoreUnavailable when the database is not there or not migrated."""
    database = open_database()
    try:
        await database.check()
        clinics = await chosen_clinics(database, clinic)
        await tell_reading(database, clinics, Action.NOTES_REPLAYED, now)
        total = sum([await count(database, each) for each in clinics])
        done = differing = 0
        with progress_bar() as progress:
            task = progress.add_task("replaying", total=total)

            def report(replayed: Replayed) -> None:
                nonlocal done, differing
                done += 1
                progress.advance(task)
                if replayed.difference is not None:
                    differing += 1
                    # Off while a line is written, or the two would share a line of the terminal.
                    progress.stop()
                    typer.echo(f"{replayed.consultation_id} revision {replayed.revision}: {replayed.difference}")
                    progress.start()

            for each in clinics:
                await replay(database, each, report)
    finally:
        await database.close()
    notes = "1 note" if done == 1 else f"{done} notes"
    typer.echo(f"{notes} made again; {differing or 'none'} {'differs' if differing <= 1 else 'differ'}.")
    return ExitCode.AT_FAULT if differing else ExitCode.FINE
