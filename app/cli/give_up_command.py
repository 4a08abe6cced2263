"""Giving up a master key that nobody has any more."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.clinics import OneClinic, chosen_clinics, run_owned
from app.cli.failures import ExitCode
from app.cli.operators import who
from app.cli.progress import progress_bar
from app.cli.rooms import Rooms, rooms_of
from app.services.keys.give_up_master_key import GivingUp, count_to_give_up, give_up
from app.services.patients.scrubbing import PATIENTLY, scrub
from app.store import Database, Lost

_LOOK_FIRST = """\
Nobody can open any of it without that key, and nobody can make the key again. Look for it first: in the clinic's
password safe, on paper in its safe, on every machine that a service ran on, beside older backups. If it is nowhere,
the same command with --yes removes the patients and their notes for good. The audit stays, what is not proven too.
If this is all you have, the ring may be another installation's: then bring its own."""


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

    Exits with 0 when it is removed, 1 if it was only shown, 2 if the key is on the ring, in use or not needed, 3 when
    the database is not available.
    """
    rooms = rooms_of(context)
    needs = run_owned(rooms, lambda database: _count(database, rooms, clinic, key))
    for each in needs:
        typer.echo(_shown(each, key))
    if not yes:
        typer.echo(_LOOK_FIRST, err=True)
        raise typer.Exit(ExitCode.AT_FAULT)
    done = run_owned(rooms, lambda database: _give_up(database, rooms, needs, key))
    removed = ", ".join(_removed(done))
    typer.echo(f"Removed: {removed}. The audit has it as master_key.given_up.")


async def _count(database: Database, rooms: Rooms, clinic: str | None, key: str) -> list[GivingUp]:
    return await count_to_give_up(database, await chosen_clinics(database, clinic), key, rooms.now())


async def _give_up(database: Database, rooms: Rooms, needs: list[GivingUp], key: str) -> list[Lost]:
    with progress_bar() as progress:
        task = progress.add_task("removing", total=sum(each.steps for each in needs))
        done = [
            await give_up(database, each.clinic, key, rooms.now, lambda count: progress.advance(task, count), who())
            for each in needs
        ]
    # Noise to whoever reads the files, but the wrapped keys go out of them as those of any erased patient do.
    await scrub(database, PATIENTLY)
    return done


def _shown(needs: GivingUp, key: str) -> str:
    lost, unproven = needs.lost, needs.unproven
    when = "" if unproven.last_written is None else f"; last written under it on {unproven.last_written:%Y-%m-%d}"
    parts = [
        f"{lost.patients:,} of {lost.of_patients:,} patients",
        *_removed([lost])[1:],
        f"{unproven.events:,} audit events without a seal",
        f"{unproven.seals:,} seals that nothing else vouches for",
    ]
    return f"{needs.clinic}: under {key} are {', '.join(parts)}{when}"


def _removed(lost: list[Lost]) -> list[str]:
    return [
        f"{sum(getattr(each, name) for each in lost):,} {words}"
        for name, words in (
            ("patients", "patients"),
            ("consultations", "consultations"),
            ("notes", "notes"),
            ("reviews", "reviews"),
            ("kept_notes", "kept notes"),
            ("receipts", "Idempotency-Keys"),
        )
    ]
