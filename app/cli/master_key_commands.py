"""Master keys: made, brought into use, and shown to be needed no more."""

from __future__ import annotations

import typer

from app.cli.clinics import OneClinic, chosen_clinics, run_owned
from app.cli.failures import Commands, ExitCode
from app.cli.give_up_command import give_up_key
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.cli.serving import check_master_keys
from app.errors import KeysMissing
from app.services.keys.rotate_master_key import (
    KeyState,
    KeyStatus,
    Rotated,
    count_to_rotate,
    list_keys,
    make_master_key,
    rotate_master_key,
)
from app.services.patients.scrubbing import PATIENTLY, scrub
from app.store import Database, Keyring

master_keys = typer.Typer(cls=Commands, help="Master keys, under which patients' keys are kept.", no_args_is_help=True)

master_keys.command("give-up")(give_up_key)

_SAYS = {
    KeyState.CURRENT: "the current one, for all that is stored from now on",
    KeyState.NEEDED: "still needed",
    KeyState.FREE: "not needed: it may be taken off the ring, once every service has the newer ones",
    KeyState.MISSING: "MISSING: what is sealed under it cannot be read; bring it back, or `master-key give-up` it",
}


@master_keys.command("new")
def new(context: typer.Context) -> None:
    """Print a new master key as a line for SPINE_TRIAGE_MASTER_KEY_FILE, and change nothing.

    Its id is the day. See docs/decisions/0017 for how keys are rotated while services run.

    Example: spine-triage master-key new

    Exits with 0 and the line.
    """
    rooms = rooms_of(context)
    typer.echo(make_master_key(rooms.today(), _ring(rooms)))
    typer.echo(
        "Add it as the last line on every service's ring, restart them, then move it to the first line, restart them"
        " again, and run `spine-triage master-key rotate`. Keep a copy apart from the database.",
        err=True,
    )


@master_keys.command("rotate")
def rotate(context: typer.Context, clinic: OneClinic = None) -> None:
    """Bring patients' keys and kept notes under the first master key of the ring, while services run.

    Every service has to have that key on its ring before. Stopped half-way, it goes on where it was.

    Example: spine-triage master-key rotate

    Exits with 0 when nothing is left under older keys, 1 if some could not be opened, 3 without the database.
    """
    rooms = rooms_of(context)
    done = run_owned(rooms, lambda database: _rotate(database, rooms, clinic))
    moved = sum(each.rewrapped for each in done)
    merged = sum(each.merged for each in done)
    unopened = [patient_id for each in done for patient_id in each.unopened]
    typer.echo(f"{_patients(moved)} brought under the current master key, {merged:,} merged with their newer row.")
    if resealed := sum(each.resealed for each in done):
        typer.echo(f"{resealed:,} kept notes sealed anew.")
    if closed := sum(each.unopened_notes for each in done):
        typer.echo(f"{closed:,} kept notes do not open with any master key on the ring", err=True)
    for patient_id in unopened:
        typer.echo(f"patients/{patient_id}: its key does not open with any master key on the ring", err=True)
    typer.echo(f"{_patients(len(unopened))} left under older keys.")
    raise typer.Exit(ExitCode.AT_FAULT if unopened or closed else ExitCode.FINE)


@master_keys.command("status")
def status(context: typer.Context, clinic: OneClinic = None) -> None:
    """Show how much needs each master key, and whether an older one may be taken off the ring.

    Example: spine-triage master-key status

    Exits with 0; 1 if a key is missing that something is sealed under; 2 if one is there, but not the same as then; or
    3 without the database.
    """
    rooms = rooms_of(context)

    async def look(database: Database) -> list[KeyStatus]:
        return await list_keys(database, await chosen_clinics(database, clinic))

    found = run_owned(rooms, look)
    if all(key.state is not KeyState.MISSING for key in found):
        run_owned(rooms, check_master_keys)
    for key in found:
        needs = [
            _patients(key.patients),
            f"{key.kept:,} kept notes",
            f"{key.receipts:,} Idempotency-Keys",
            f"{key.unsealed:,} audit events without a seal",
            f"{key.seals} newest seals",
        ]
        typer.echo(f"{key.key_id}\t{', '.join(needs)}\t{_SAYS[key.state]}")
    missing = any(key.state is KeyState.MISSING for key in found)
    raise typer.Exit(ExitCode.AT_FAULT if missing else ExitCode.FINE)


async def _rotate(database: Database, rooms: Rooms, clinic: str | None) -> list[Rotated]:
    clinics = await chosen_clinics(database, clinic)
    with progress_bar() as progress:
        task = progress.add_task("rotating", total=sum([await count_to_rotate(database, each) for each in clinics]))
        done = [
            await rotate_master_key(database, each, rooms.now, lambda count: progress.advance(task, count), who())
            for each in clinics
        ]
    # The older wrappings go out of the database's files as well.
    await scrub(database, PATIENTLY)
    return done


def _ring(rooms: Rooms) -> Keyring | None:
    """The ring that the new key is for; none where there is none yet."""
    try:
        return rooms.load_keyring()
    except KeysMissing:
        return None


def _patients(count: int) -> str:
    return f"{count:,} patient{'' if count == 1 else 's'}"
