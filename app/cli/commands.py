"""The commands. Each says in its docstring, which is its `--help`, what it does, an example and its exit codes."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Annotated

import typer

from app.cli.audit.commands import audit
from app.cli.backup_command import backup
from app.cli.clinics import OneClinic, clinics, run_owned
from app.cli.demo import show_demo
from app.cli.failures import Commands
from app.cli.kept_notes_command import kept_notes
from app.cli.key_commands import keys
from app.cli.master_key_commands import master_keys
from app.cli.moving_commands import moving
from app.cli.replaying import replay_notes
from app.cli.reports.commands import report
from app.cli.retention import retention
from app.cli.rooms import rooms_of
from app.cli.rulebook.commands import rulebook
from app.cli.serving import check_database, check_master_keys, run_server
from app.services.input import parse_consultation, read_document
from app.services.migrate import check_revision
from app.store import expected_revision
from app.triage import encode, plain_text

commands = typer.Typer(
    cls=Commands,
    name="spine-triage",
    help="""Informational triage notes for spine clinics: how soon, what could be discussed, why, and from which source.

    Settings are environment variables named SPINE_TRIAGE_*; `spine-triage settings` lists them.

    Every command exits with 0 when all is well, 1 when what it checked has faults, 2 for wrong usage or input
    that cannot be used, and 3 when the database is not available.
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    # The pretty ones show local variables, which here are patients' data.
    pretty_exceptions_enable=False,
)
commands.add_typer(rulebook, name="rulebook")
commands.add_typer(clinics, name="clinics")
commands.add_typer(keys, name="keys")
commands.add_typer(moving)
commands.add_typer(audit, name="audit")
commands.command()(backup)
commands.add_typer(master_keys, name="master-key")
commands.command()(retention)
commands.command("kept-notes")(kept_notes)
commands.add_typer(report, name="report")


KEY_MADE = "A master key was made in SPINE_TRIAGE_MASTER_KEY_FILE. Keep a copy apart from the database: nothing stored can be read without it."  # noqa: E501
"""Said once, when an empty database begins."""

GOING_BACK = "What an older schema has no place for is lost for good, and an old enough one keeps patients' data unsealed. A backup brings it all back. Go on?"  # noqa: E501
"""Asked before a schema is left for an older one."""


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

    Exits with 0 after a stop, 1 if the rulebook is refused, 2 if the address cannot be had or something stored needs a
    master key that is not on the ring, 3 without its database.
    """
    rooms = rooms_of(context)
    triage = rooms.load_triage()
    if (migrate or rooms.migrate_on_start) and rooms.migrate():
        typer.echo(KEY_MADE, err=True)
    asyncio.run(check_database(rooms))
    run_server(
        rooms.build_app(triage, rooms.open_database()),
        rooms.host if host is None else host,
        rooms.port if port is None else port,
        rooms.serving,
    )


@commands.command()
def settings(context: typer.Context) -> None:
    """List the settings with their defaults, as a Markdown table.

    Exits with 0, or 2 when a setting is not allowed.
    """
    typer.echo(rooms_of(context).settings_table, nl=False)


@commands.command()
def migrate(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(metavar="REVISION", help="Another schema, to go back to an older version of this program."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --to: do not ask.")] = False,
) -> None:
    """Bring the database to the newest schema; a current one is left as it is.

    Example: SPINE_TRIAGE_DATABASE_URL=sqlite:////data/spine-triage.sqlite3 spine-triage migrate

    Example: spine-triage migrate --to 2026_11_23_consultations

    Exits with 0 when the schema is the wanted one, 1 if going back was not confirmed, 2 when there is no such schema or
    a master key is missing, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    if to is not None and to != expected_revision():
        check_revision(to)
        if not yes:
            typer.confirm(GOING_BACK, abort=True, err=True)
        rooms.go_to(to)
        typer.echo(f"The database's schema is {to}. This version of the program does not serve it.")
        return
    if rooms.migrate():
        typer.echo(KEY_MADE, err=True)
    run_owned(rooms, check_master_keys)
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
def replay(context: typer.Context, clinic: OneClinic = None) -> None:
    """Make every stored note again, from the stored body, rulebook and date, and compare it byte for byte.

    Names each note that differs, and in which of its keys; shows progress on a terminal.

    Example: spine-triage replay

    Exits with 0 if none differs, 1 if any does, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    raise typer.Exit(asyncio.run(replay_notes(rooms.open_owned_database, clinic, rooms.now)))


@commands.command()
def demo() -> None:
    """Show the service at work: a consultation is posted, then revised with what a nurse finds out.

    Starts a service of its own, with a database in a temporary folder, and stops it again.

    Example: spine-triage demo

    Exits with 0 if everything answered as it should, 1 if not.
    """
    raise typer.Exit(show_demo())
