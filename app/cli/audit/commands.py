"""The audit: sealed, verified and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from app.cli.audit.lines import MOST_SHOWN, seal_clinics, show_events, verify_clinics
from app.cli.clinics import OneClinic, run_owned
from app.cli.days import DAY, period_of
from app.cli.failures import Commands
from app.cli.rooms import rooms_of
from app.store.audit import Anchor, AuditFilter

audit = typer.Typer(
    cls=Commands, help="Who did what to which record, and whether that is as it was written.", no_args_is_help=True
)


@audit.command("seal")
def seal(context: typer.Context, clinic: OneClinic = None) -> None:
    """Seal all events that have no seal yet, as a running service does every SPINE_TRIAGE_AUDIT_SEAL_SECONDS.

    Prints the newest seal of each clinic, to be kept outside the database for `audit verify --against`.

    Example: spine-triage audit seal

    Exits with 0 when everything is sealed, 1 if events are left that cannot be, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    raise typer.Exit(run_owned(rooms, lambda database: seal_clinics(database, clinic, rooms.now)))


@audit.command("verify")
def verify(
    context: typer.Context,
    clinic: OneClinic = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="ANCHOR", help="A seal kept outside, as `audit seal` prints it; may be repeated."),
    ] = None,
) -> None:
    """Find every event that was changed, removed, inserted or reordered since it was written and sealed.

    Names each by its id and its seal; shows progress on a terminal. Events without a seal are checked as well, but only
    a seal would show that one was removed; and only --against shows that the newest seals were cut off.

    Example: spine-triage audit verify

    Example: spine-triage audit verify --against local:12:5f0c…

    Exits with 0 if all is as it was written, 1 with findings, 2 for an anchor that cannot be read, 3 when the database
    is not available.
    """
    anchors = [Anchor.parse(text) for text in against or []]
    raise typer.Exit(run_owned(rooms_of(context), lambda database: verify_clinics(database, clinic, anchors)))


@audit.command("show")
def show(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    clinic: OneClinic = None,
    target: Annotated[str | None, typer.Option(help="A record, with all that is below it: consultations/<id>.")] = None,
    actor: Annotated[str | None, typer.Option(help="A key's id, a person's `sub`, or command-line:<user>.")] = None,
    action: Annotated[str | None, typer.Option(help="Such as consultation.read.")] = None,
    outcome: Annotated[str | None, typer.Option(help="`done`, or what else came of it.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, metavar="DAY", help="On it or later.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="DAY", help="On it or earlier.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="Events of each clinic, at most.")] = 50,
) -> None:
    """Show the newest events, a line each: when, who, what, of which record, with which outcome, under which seal.

    That they were shown is itself an event. When older ones are left out, standard error says how to see them.

    Example: spine-triage audit show --target consultations/0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11

    Exits with 0, 2 if there is no such clinic or --to is before --from, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    days = period_of(rooms, first, last)
    wanted = AuditFilter(
        target=target, actor=actor, action=action, outcome=outcome, at_from=days.start, at_before=days.end
    )
    for line in run_owned(rooms, lambda database: show_events(database, clinic, wanted, limit, rooms.now)):
        typer.echo(line)
