"""Which clinics a command is about, and the commands about clinics themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.cli.failures import Commands
from app.cli.operators import who
from app.cli.rooms import Rooms, rooms_of
from app.errors import NotFound
from app.models import LOCAL_CLINIC
from app.services.keys.clinics import open_new_clinic
from app.store import Database, every_clinic

T = TypeVar("T")

OneClinic = Annotated[str | None, typer.Option("--clinic", metavar="ID", help="Only this clinic; else every one.")]
ThisClinic = Annotated[str, typer.Option("--clinic", metavar="ID", help="Whose it is.")]
DEFAULT_CLINIC = LOCAL_CLINIC

clinics = typer.Typer(cls=Commands, help="Clinics (tenants): none sees anything of another.", no_args_is_help=True)


async def chosen_clinics(database: Database, clinic: str | None) -> list[str]:
    """The clinic that was named, or all there are. NotFound for one that was never opened, StoreUnavailable."""
    known = [each.clinic for each in await database.survey(every_clinic)]
    if clinic is None:
        return known
    if clinic not in known:
        raise NotFound(f"there is no clinic {clinic}; `spine-triage clinics list` shows those there are")
    return [clinic]


def run_owned(rooms: Rooms, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do `work` on the database as its owner reaches it, and close it. StoreUnavailable when it is not migrated."""

    async def run() -> T:
        database = rooms.open_owned_database()
        try:
            await database.check()
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


@clinics.command("open")
def open_one(
    context: typer.Context,
    clinic: Annotated[str, typer.Argument(metavar="ID", help="Lower-case letters, digits and hyphens.")],
    name: Annotated[str, typer.Option(help="As people call it.", show_default="the id")] = "",
) -> None:
    """Open a clinic, so that it can be given keys, or named by people's tokens.

    Example: spine-triage clinics open spine-north --name "Spine Clinic North"

    Exits with 0 when it is open, 2 if the id cannot be used, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    run_owned(rooms, lambda database: open_new_clinic(database, clinic, name or clinic, rooms.now(), who()))
    typer.echo(f"The clinic {clinic} is open. Next: spine-triage keys create --clinic {clinic} --name 'front desk'")


@clinics.command("list")
def list_all(context: typer.Context) -> None:
    """List the clinics.

    Exits with 0, or 3 when the database is not available.
    """
    for each in run_owned(rooms_of(context), lambda database: database.survey(every_clinic)):
        typer.echo(f"{each.clinic}\t{each.created_at:%Y-%m-%d}\t{each.name}")
