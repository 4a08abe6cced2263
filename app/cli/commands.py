"""The commands. Each says in its docstring, which is its `--help`, what it does, an example and its exit codes."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from app.cli.booking import DocumentFormat, Out, print_document
from app.cli.checking import check_folder
from app.cli.comparing import Stored, compare_folders
from app.cli.demo import show_demo
from app.cli.exporting import ExportFormat, export_folder
from app.cli.failures import Commands
from app.cli.proving import prove_folder
from app.cli.replaying import replay_notes
from app.cli.rooms import rooms_of
from app.cli.serving import open_checked, run_server
from app.services.input import parse_consultation, read_document
from app.store import expected_revision
from app.triage import encode, plain_text
from app.triage.book import to_html, write_book, write_coverage

commands = typer.Typer(
    cls=Commands,
    name="spine-triage",
    help="""Informational triage notes for spine clinics: how soon, what could be discussed, why, and from which source.

    Settings are environment variables named SPINE_TRIAGE_*; README.md lists them.

    Every command exits with 0 when all is well, 1 when what it checked has faults, 2 for wrong usage or input
    that cannot be used, and 3 when the database is not available.
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    # The pretty ones show local variables, which here are patients' data.
    pretty_exceptions_enable=False,
)
rulebook = typer.Typer(help="Work with a folder of knowledge files.", no_args_is_help=True)
commands.add_typer(rulebook, name="rulebook")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"spine-triage {version('spine-triage')}")
        raise typer.Exit


@commands.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


@commands.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="SPINE_TRIAGE_HOST")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="TCP port; 0 takes any free one.", show_default="SPINE_TRIAGE_PORT"),
    ] = None,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database to the newest schema first.")] = False,
) -> None:
    """Run the HTTP service until it is stopped (Ctrl+C or SIGTERM; requests under way are finished).

    Prints its address once it listens. Refuses to start on a database that is not at the newest schema,
    unless --migrate is given or SPINE_TRIAGE_MIGRATE_ON_START is true.

    Example: spine-triage serve --port 8080 --migrate

    Exits with 0 after a stop, 1 if the rulebook is refused, 2 if the address cannot be had, 3 without its database.
    """
    rooms = rooms_of(context)
    triage = rooms.load_triage()
    if migrate or rooms.migrate_on_start:
        rooms.migrate()
    database = asyncio.run(open_checked(rooms))
    run_server(
        rooms.build_app(triage, database),
        rooms.host if host is None else host,
        rooms.port if port is None else port,
        rooms.log_level,
    )


@commands.command()
def migrate(context: typer.Context) -> None:
    """Bring the database to the newest schema; a current one is left as it is.

    Example: SPINE_TRIAGE_DATABASE_URL=sqlite:////data/spine-triage.sqlite3 spine-triage migrate

    Exits with 0 when the schema is the newest, 3 when the database is not available.
    """
    rooms_of(context).migrate()
    typer.echo(f"The database's schema is {expected_revision()}, the newest.")


@commands.command()
def triage(
    context: typer.Context,
    file: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="FILE", help="A body of POST /v1/triage; - reads standard input."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="The note as JSON, as the service sends it.")] = False,
) -> None:
    """Make the note of one consultation, without a service, and store nothing.

    Example: spine-triage triage consultation.json

    Example: spine-triage triage - --json < consultation.json | jq .urgency

    Exits with 0 and the note, 1 if the rulebook is refused, or 2 with every fault of the document by JSON pointer.
    """
    rooms = rooms_of(context)
    consultation = parse_consultation(read_document(file.read()))
    note = rooms.load_triage().note(consultation, rooms.today())
    typer.echo(encode(note) if as_json else plain_text(note).rstrip("\n"))


@commands.command()
def replay(context: typer.Context) -> None:
    """Make every stored note again, from the stored body, rulebook and date, and compare it byte for byte.

    Names each note that differs, and in which of its keys; shows progress on a terminal.

    Example: spine-triage replay

    Exits with 0 if none differs, 1 if any does, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    raise typer.Exit(asyncio.run(replay_notes(rooms.open_database, rooms.clinic)))


@rulebook.command()
def check(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, help="By default SPINE_TRIAGE_RULEBOOK.", show_default=False
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let notes count as errors do.")] = False,
    solver: Annotated[bool, typer.Option(help="Also look for what only z3 can prove; takes seconds.")] = True,
) -> None:
    """Load a folder of knowledge files as strictly as the service does, and report every fault at once.

    A rulebook that loads is then looked through for rules that never fire, always hold, repeat or hide behind
    another (with z3 installed), for facts, questions, categories and sources without a use, for sources that were
    retracted or not looked at for a year, and for words that a note may not say. An error would mislead a reader of
    notes; a note is dead or ageing knowledge.

    One a line: FILE:LINE: what is wrong (what would be right). Faults and errors go to standard error.

    Example: spine-triage rulebook check app/knowledge

    Exits with 0 if the service would start with it and it has no errors, 1 otherwise (with --strict also for notes),
    2 if there is no such folder.
    """
    rooms = rooms_of(context)
    raise typer.Exit(
        check_folder(rooms.knowledge if folder is None else folder, rooms.today(), strict=strict, solve=solver)
    )


@rulebook.command()
def book(
    context: typer.Context,
    document: Annotated[
        DocumentFormat, typer.Option("--format", help="Markdown, or one page of HTML that loads nothing.")
    ] = DocumentFormat.MARKDOWN,
    out: Out = None,
) -> None:
    """Write the rulebook as one document that a surgeon can read and sign section by section.

    Example: spine-triage rulebook book --format html --out rulebook.html

    Exits with 0, 1 if the rulebook is refused, 2 if the file cannot be written.
    """
    text = write_book(rooms_of(context).load_triage().rulebook)
    print_document(to_html(text) if document is DocumentFormat.HTML else text, out)


@rulebook.command()
def coverage(context: typer.Context, out: Out = None) -> None:
    """Show which paragraph of the clinical evidence became which rule, as a table in Markdown.

    Example: spine-triage rulebook coverage --out docs/coverage.md

    Exits with 0, 1 if the rulebook is refused, 2 if the file cannot be written.
    """
    print_document(write_coverage(rooms_of(context).load_triage().rulebook), out)


@rulebook.command()
def export(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, help="By default SPINE_TRIAGE_RULEBOOK.", show_default=False
        ),
    ] = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="What the conditions are written in.")] = "cel",
) -> None:
    """Write the conditions of all rules as JSON, for engines that nobody here wrote, to standard output.

    `cel` is the Common Expression Language: what is not known is left out, and an expression that fails for want of
    it is undecided. The document says in sentences how to run it.

    Example: spine-triage rulebook export --format cel > rulebook.cel.json

    Exits with 0 and the document, 1 if the rulebook is refused, 2 if there is no such folder.
    """
    typer.echo(export_folder(rooms_of(context).knowledge if folder is None else folder, form))


@rulebook.command()
def prove(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, help="By default SPINE_TRIAGE_RULEBOOK.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The outcome as JSON.")] = False,
) -> None:
    """Prove laws of a rulebook about every consultation there can be, contradictory and half-known ones included.

    Says each law as a sentence with ok or FAILED; below a failure, which rule fails it and a consultation that shows
    it, as a body of POST /v1/triage. Uses z3, the optional extra "prove".

    Example: spine-triage rulebook prove app/knowledge

    Exits with 0 if every law holds, 1 if any fails or the rulebook is refused, 2 if z3 is not installed.
    """
    raise typer.Exit(prove_folder(rooms_of(context).knowledge if folder is None else folder, as_json=as_json))


@rulebook.command()
def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(metavar="OLD", exists=True, file_okay=False, help="A folder of knowledge.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", exists=True, file_okay=False, help="The folder to come.")],
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="One row for each stored one that changes.")
    ] = None,
    solver: Annotated[bool, typer.Option(help="Also look for consultations that differ, with z3.")] = True,
    stored: Annotated[bool, typer.Option(help="Also judge the stored consultations with both.")] = True,
) -> None:
    """Show what going from one rulebook to another changes: in words, in notes, and over the stored consultations.

    Lowered urgencies come first. With z3 installed each rule that changed comes with a consultation on which the old
    and the new one differ, or with the proof that there is none. Nothing is stored; shows progress on a terminal.

    Example: spine-triage rulebook diff app/knowledge ~/knowledge --csv changed.csv

    Exits with 0 if no urgency is lowered, 1 if any is or a folder is refused, 2 if there is no such folder, 3 when the
    database is not available (--no-stored does without).
    """
    rooms = rooms_of(context)
    kept = Stored(rooms.open_database, rooms.clinic, csv) if stored else None
    raise typer.Exit(asyncio.run(compare_folders((old, new), rooms.today(), kept, solve=solver)))


@commands.command()
def demo() -> None:
    """Show the service at work: a consultation is posted, then revised with what a nurse finds out.

    Starts a service of its own, with a database in a temporary folder, and stops it again.

    Example: spine-triage demo

    Exits with 0 if everything answered as it should, 1 if not.
    """
    raise typer.Exit(show_demo())
