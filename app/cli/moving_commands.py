"""Taking a clinic's consultations out, and bringing consultations in."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import orjson
import typer

from app.cli.clinics import DEFAULT_CLINIC, ThisClinic, run_owned
from app.cli.export_file import STANDARD_OUTPUT, export_file
from app.cli.failures import Commands, ExitCode
from app.cli.operators import who
from app.cli.private_file import open_private
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.errors import InputError
from app.services.moving.export import export
from app.services.moving.imports import Reporting, Tally, import_lines, read_header
from app.services.moving.lines import Rejected
from app.services.service import Service
from app.store import Database

LARGEST_BODY: Final = 16 * 1024 * 1024
"""Bytes of a plain consultation's line: the most that SPINE_TRIAGE_BODY_LIMIT_BYTES may be."""

moving = typer.Typer(cls=Commands)


@moving.command("export")
def export_clinic(
    context: typer.Context,
    out: Annotated[str, typer.Option(metavar="FILE", help="- writes to standard output.")] = STANDARD_OUTPUT,
    clinic: ThisClinic = DEFAULT_CLINIC,
    since: Annotated[
        datetime | None,
        typer.Option(help="Only what was stored, revised or reviewed from then on, by the clinic's clock."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep FILE.part when interrupted, and go on after its last whole line.")
    ] = False,
) -> None:
    """Write every consultation of a clinic, with all revisions, notes and reviews, as lines of JSON (NDJSON).

    The file holds readable patient data: only its owner may read it, and it is there as a whole or not at all.
    Shows progress on a terminal. `import` reads it, here or at another installation.

    With --resume from the first try on, it may be ended at any moment and run again. What changed between the tries may
    then be missing, and who was erased may be in it: the command says since when another export has to bring the rest.

    Example: spine-triage export --out clinic.ndjson

    Example: spine-triage export --since 2026-11-01 | age --encrypt --recipient ... > november.age

    Exits with 0 when all is written, 2 if the file cannot be, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    moment = None if since is None else since.replace(tzinfo=rooms.now().tzinfo)
    with export_file(out, clinic, moment, resume=resume) as file, progress_bar() as progress:
        before = 0 if file.unfinished is None else file.unfinished.consultations
        task = progress.add_task("exporting", total=None)

        def write_line(line: bytes) -> None:
            file.write(line)
            progress.advance(task)

        def begin(total: int) -> None:
            progress.update(task, total=total, completed=before)

        async def work(database: Database) -> int:
            return await export(database, clinic, rooms.now, write_line, begin, moment, file.unfinished, who())

        written = run_owned(rooms, work)
    consultations = "1 consultation" if written == 1 else f"{written:,} consultations"
    typer.echo(f"{consultations} written. They are readable patient data: keep them as safe as the keys.", err=True)
    if file.unfinished is not None:
        # A minute earlier, because what was being stored at that moment was not there yet.
        began = file.unfinished.header.exported_at.astimezone(rooms.now().tzinfo) - timedelta(minutes=1)
        typer.echo(
            "It was gone on with, so it is not of one moment. What was stored, revised or reviewed meanwhile is in"
            f" another one: --since {began:%Y-%m-%dT%H:%M:%S}",
            err=True,
        )


@moving.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, metavar="FILE")],
    clinic: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Whose they are.", show_default=f"the export's own, else {DEFAULT_CLINIC}"),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="JOB", help="The same for every try.", show_default="the file's name")
    ] = None,
) -> None:
    """Store consultations from a file of lines: an export as it was, or bodies of POST /v1/consultations, judged today.

    May be ended at any moment and run again, as often as need be: what is stored already is passed over, known by the
    job's name, the line's number and its content. So put right what was rejected where it stands, and add no lines
    before others. Rejected lines are named, with every fault, in FILE.rejects.ndjson. Shows progress on a terminal.

    Example: spine-triage import clinic.ndjson

    Exits with 0 when every line is stored, 1 if some were rejected, 2 if the file cannot be used, 3 when the
    database is not available.
    """
    rooms = rooms_of(context)
    rejects = file.with_name(f"{file.name}.rejects.ndjson")
    try:
        with file.open("rb") as source, _rejected(rejects) as reject, progress_bar() as progress:
            header = read_header(source)
            chosen = clinic or (DEFAULT_CLINIC if header is None else header.clinic)
            task = progress.add_task("importing (bytes)", total=file.stat().st_size)

            def advance(done: int) -> None:
                progress.update(task, completed=done)

            async def work(database: Database) -> Tally:
                service = _open_service(rooms, database) if header is None else None
                job = file.name if name is None else name
                reporting = Reporting(reject, advance)
                return await import_lines(database, chosen, job, source, reporting, rooms.now, service, who())

            tally = run_owned(rooms, work)
    except OSError as error:
        raise InputError(f"{error.filename or file} cannot be used: {error.strerror}") from None
    typer.echo(
        f"Clinic {chosen}: {tally.stored:,} stored, {tally.extended:,} extended, {tally.there:,} there already, "
        f"{tally.rejected:,} rejected."
    )
    if tally.rejected:
        typer.echo(f"What was wrong stands in {rejects}, which may repeat patient data.", err=True)
        raise typer.Exit(ExitCode.AT_FAULT)


def _open_service(rooms: Rooms, database: Database) -> Service:
    """What judges plain consultations."""
    triage = rooms.load_triage()
    # A note is thousands of small objects without cycles: collections at their usual pace cost a third of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return Service(triage=triage, database=database, today=rooms.today, now=rooms.now, body_limit=LARGEST_BODY)


@contextmanager
def _rejected(path: Path) -> Iterator[Callable[[Rejected], None]]:
    """Where rejected lines are named: a file that is made for the first of them, in place of an earlier run's."""
    path.unlink(missing_ok=True)
    file: BinaryIO | None = None

    def reject(rejected: Rejected) -> None:
        nonlocal file
        file = file or open_private(path)
        file.write(orjson.dumps(rejected, option=orjson.OPT_APPEND_NEWLINE))

    try:
        yield reject
    finally:
        if file is not None:
            file.close()
