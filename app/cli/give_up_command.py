"""Giving up a master key that nobody has any more."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.clinics import OneClinic, chosen_clinics, run_owned
from app.cli.failures import ExitCode
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.errors import InputError
from app.services.keys.give_up_master_key import GivingUp, Removed, count_to_give_up, give_up
from app.services.patients.scrubbing import PATIENTLY, scrub
from app.store import Database, Lost

_LOOK_FIRST = """\
Nobody can open any of it without that key, and nobody can make the key again. Look for it first: in the clinic's
password safe, on paper in its safe, on every machine that a service ran on, beside older backups. If it is nowhere,
the same command with --yes removes the patients and their notes for good. The audit stays, what is not proven too.
If this is all you have, the ring may be another installation's: then bring its own."""

_ONLY_TO_FINISH = "With --yes the audit is sealed, and destroyed keys are taken out of the database's files."


def give_up_key(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The id of the master key, as `master-key status` has it.")],
    clinic: OneClinic = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it. Otherwise it is only shown what would be.")] = False,
) -> None:
    """Remove what lies under a master key that nobody has any more, so that erasure and export work again.

    Shows first how much that is. Patients go as in an erasure, a few at a time, each with its audit event; services may
    run meanwhile. Audit events and seals under that key cannot be proven any more: they stay, are held as they are now,
    and `audit verify` says so.

    Example: spine-triage master-key give-up 2026-11-28

    Example: spine-triage master-key give-up 2026-11-28 --yes

    What a run that was stopped left undone, the same command does: also where nothing is left, it seals the audit and
    takes destroyed keys out of the database's files.

    Exits with 0 when it is removed, 1 if it was only shown, 2 if the key is on the ring or in use, or was never needed,
    3 when the database is not available.
    """
    rooms = rooms_of(context)
    needs = run_owned(rooms, lambda database: _count(database, rooms, clinic, key))
    for each in needs:
        typer.echo(_shown(each, key))
    is_needed = any(each.is_needed for each in needs)
    if not yes:
        typer.echo(_LOOK_FIRST if is_needed else _ONLY_TO_FINISH, err=True)
        raise typer.Exit(ExitCode.AT_FAULT)
    removed = run_owned(rooms, lambda database: _give_up(database, rooms, needs, key))
    said = f"{removed.patients:,} patients, {_beside_patients(removed)}" if is_needed else "nothing"
    typer.echo(f"Removed: {said}. The audit has it as master_key.given_up.")


async def _count(database: Database, rooms: Rooms, clinic: str | None, key: str) -> list[GivingUp]:
    return await count_to_give_up(database, await chosen_clinics(database, clinic), key, rooms.now())


async def _give_up(database: Database, rooms: Rooms, needs: list[GivingUp], key: str) -> Removed:
    removed = Removed()
    try:
        with progress_bar() as progress:
            task = progress.add_task("removing", total=sum(each.steps for each in needs))
            for each in needs:
                removed += await give_up(
                    database, each.clinic, key, rooms.now, lambda count: progress.advance(task, count), who()
                )
    except InputError:
        # Whoever turned up with the key could open what was removed until now.
        await scrub(database, PATIENTLY)
        raise
    # Noise to whoever reads the files, but the wrapped keys go out of them as those of any erased patient do.
    await scrub(database, PATIENTLY)
    return removed


def _shown(needs: GivingUp, key: str) -> str:
    if not needs.is_needed:
        return f"{needs.clinic}: nothing is left under {key}, which was given up before"
    lost, unproven = needs.lost, needs.unproven
    when = "" if unproven.last_written is None else f"; last written under it on {unproven.last_written:%Y-%m-%d}"
    parts = [
        f"{lost.patients:,} of {lost.of_patients:,} patients",
        _beside_patients(lost),
        f"{unproven.events:,} audit events without a seal",
        f"{unproven.seals:,} seals that nothing else vouches for",
    ]
    return f"{needs.clinic}: under {key} are {', '.join(parts)}{when}"


def _beside_patients(those: Lost | Removed) -> str:
    parts = [
        f"{those.consultations:,} consultations",
        f"{those.notes:,} notes",
        f"{those.reviews:,} reviews",
        f"{those.kept_notes:,} kept notes",
        f"{those.receipts:,} Idempotency-Keys",
    ]
    return ", ".join(parts)
