"""API keys of clinics: made, listed, rotated and revoked. A key's text is shown once, when it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from app.access import Scope, StoredKey, parse_scopes
from app.cli.clinics import DEFAULT_CLINIC, ThisClinic, run_owned
from app.cli.failures import Commands
from app.cli.operators import who
from app.cli.rooms import rooms_of
from app.services.keys.clinics import create_key, list_keys, revoke_key, rotate_key

keys = typer.Typer(cls=Commands, help="API keys, with which a clinic's software calls.", no_args_is_help=True)

FRONT_DESK = (
    Scope.TRIAGE,
    Scope.KNOWLEDGE_READ,
    Scope.CONSULTATIONS_READ,
    Scope.CONSULTATIONS_WRITE,
    Scope.REVIEWS_WRITE,
)
"""What a key may do unless it is said: the daily work, without export, erasure, audit and figures."""

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="As `keys list` shows it; the part between the dots.")]


@keys.command("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it is for, such as 'front desk'.")],
    clinic: ThisClinic = DEFAULT_CLINIC,
    scopes: Annotated[
        str, typer.Option(metavar="LIST", help="Separated by commas; docs/access.md lists them.")
    ] = ",".join(FRONT_DESK),
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires.", show_default="never")
    ] = None,
) -> None:
    """Make a key and print it, alone on standard output. It is stored hashed and cannot be shown again.

    Example: spine-triage keys create --name "front desk"

    Exits with 0 and the key, 2 if it cannot be made so, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    wanted = parse_scopes(scopes)
    lifetime = None if days is None else timedelta(days=days)
    shown = run_owned(rooms, lambda database: create_key(database, clinic, name, wanted, rooms.now(), lifetime, who()))
    typer.echo(shown.text)
    typer.echo(f"Keep it safe: it is not shown again. {_describe(shown.key)}", err=True)


@keys.command("list")
def list_all(context: typer.Context, clinic: ThisClinic = DEFAULT_CLINIC) -> None:
    """List a clinic's keys, revoked and expired ones too; never their secrets.

    Exits with 0, or 3 when the database is not available.
    """
    for key in run_owned(rooms_of(context), lambda database: list_keys(database, clinic)):
        typer.echo(_describe(key))


@keys.command("rotate")
def rotate(
    context: typer.Context,
    key_id: KeyId,
    clinic: ThisClinic = DEFAULT_CLINIC,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=8_760, help="Hours for which the old one still works.")
    ] = 24.0,
) -> None:
    """Make a key's successor and print it; the old one goes on working for a while, so that nothing stands still.

    Example: spine-triage keys rotate q5d7xkz2m4ab --overlap-hours 48

    Exits with 0 and the new key, 2 if there is no such key or it works no more, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    overlap = timedelta(hours=overlap_hours)
    shown = run_owned(rooms, lambda database: rotate_key(database, clinic, key_id, rooms.now(), overlap, who()))
    typer.echo(shown.text)
    typer.echo(f"Keep it safe: it is not shown again. {_describe(shown.key)}", err=True)


@keys.command("revoke")
def revoke(context: typer.Context, key_id: KeyId, clinic: ThisClinic = DEFAULT_CLINIC) -> None:
    """Revoke a key; every service process refuses it within two seconds.

    Example: spine-triage keys revoke q5d7xkz2m4ab

    Exits with 0 when it is revoked, 2 if there is no such key, 3 when the database is not available.
    """
    rooms = rooms_of(context)
    run_owned(rooms, lambda database: revoke_key(database, clinic, key_id, rooms.now(), who()))
    typer.echo(f"The key {key_id} is revoked.")


def _describe(key: StoredKey) -> str:
    moments = {
        "made": key.created_at,
        "expires": key.expires_at,
        "revoked": key.revoked_at,
        "last used": key.last_used_at,
    }
    told = ", ".join(f"{what} {at:%Y-%m-%d %H:%M}Z" for what, at in moments.items() if at is not None)
    replaced = f", replaced by {key.replaced_by}" if key.replaced_by else ""
    return f"{key.key_id} ({key.name}): {' '.join(sorted(key.scopes))}; {told}{replaced}"
