"""Reading the notes that stay without identity."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.clinics import DEFAULT_CLINIC, ThisClinic, chosen_clinics, run_owned
from app.cli.export_file import STANDARD_OUTPUT, export_file
from app.cli.failures import ExitCode
from app.cli.operators import who
from app.cli.rooms import rooms_of
from app.services.patients.kept_notes import TARGET, KeptWritten, write_kept_notes
from app.store import Database


def kept_notes(
    context: typer.Context,
    out: Annotated[str, typer.Option(metavar="FILE", help="- writes to standard output.")] = STANDARD_OUTPUT,
    clinic: ThisClinic = DEFAULT_CLINIC,
) -> None:
    """Write the notes that stay without identity after erasures, as lines of JSON, by month.

    There are some only where SPINE_TRIAGE_KEEP_NOTES_AFTER_ERASURE is set. A rare case can still be somebody whom a
    reader knows: the file belongs to its owner alone, and that it was written is in the audit.

    Example: spine-triage kept-notes --out kept.ndjson

    Exits with 0 when all are written, 1 if some do not open (they are named, the others are written), 2 if the file
    cannot be or there is no such clinic, 3 when the database is not available.
    """
    rooms = rooms_of(context)

    with export_file(out, clinic, None, resume=False) as file:

        async def work(database: Database) -> KeptWritten:
            (chosen,) = await chosen_clinics(database, clinic)
            return await write_kept_notes(database, chosen, rooms.now, file.write, who())

        done = run_owned(rooms, work)
    for kept_id in done.unopened:
        typer.echo(f"{TARGET}/{kept_id}: it was changed, or its master key is not on the ring", err=True)
    typer.echo(f"{done.written:,} kept notes written.", err=True)
    raise typer.Exit(ExitCode.AT_FAULT if done.unopened else ExitCode.FINE)
