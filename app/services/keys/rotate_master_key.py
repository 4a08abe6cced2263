"""Bringing everything under the current master key, and telling when an older one is needed no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.store import (
    Database,
    Keyring,
    KeyUse,
    Resealed,
    Rewrapped,
    Unit,
    add_event,
    add_up,
    count_key_use,
    reseal_some,
    rewrap_some,
)
from app.store import make_master_key as make_key

AT_A_TIME: Final = 200
"""Patients a transaction: a consultation that is being stored for one of them waits for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many patients of a clinic were brought under the current key, and whose keys could not be opened."""

    rewrapped: int = 0
    merged: int = 0
    """Of one reference with a patient who was under the current key already; they are one again."""
    unopened: tuple[str, ...] = ()
    resealed: int = 0
    """Notes that stay without identity."""
    unopened_notes: int = 0


class KeyState(StrEnum):
    """What may become of a master key."""

    CURRENT = "current"
    NEEDED = "needed"
    """Something is still sealed under it."""
    FREE = "free"
    """Nothing is: it may be taken off the ring."""
    MISSING = "missing"
    """Something is sealed under it, and it is not on the ring."""


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A master key and how much needs it."""

    key_id: str
    state: KeyState
    patients: int
    kept: int
    receipts: int
    unsealed: int
    seals: int


async def rotate_master_key(
    database: Database,
    clinic: str,
    now: Callable[[], datetime],
    report: Callable[[int], None],
    by: str = COMMAND_LINE,
) -> Rotated:
    """Wrap every patient's key of the clinic, and seal kept notes, under the ring's first master key.

    Services go on meanwhile.

    `report` is told after each batch how many patients or notes were looked at. Every service has to have that key on
    its ring before. StoreUnavailable; what was done stays done, and the next run goes on from there.
    """
    call = Call(operator(clinic, by), Action.MASTER_KEY_ROTATED)
    total, after = Rotated(), ""

    def rewrap(unit: Unit) -> Rewrapped | None:
        done = rewrap_some(unit, after, AT_A_TIME)
        if done is not None and (done.rewrapped or done.merged):
            detail = {"to": unit.keyring.current.key_id, "patients": done.rewrapped, "merged": list(done.merged)}
            add_event(unit, call.event(detail=detail), now())
        return done

    while (done := await database.write(clinic, rewrap)) is not None:
        total = Rotated(
            total.rewrapped + done.rewrapped, total.merged + len(done.merged), (*total.unopened, *done.unopened)
        )
        report(done.rewrapped + len(done.merged) + len(done.unopened))
        after = done.last
    resealed, unopened_notes = await _reseal(database, call, now, report)
    return replace(total, resealed=resealed, unopened_notes=unopened_notes)


async def count_to_rotate(database: Database, clinic: str) -> int:
    """How many patients and kept notes are not under the current master key. StoreUnavailable."""
    use = await database.read(clinic, count_key_use)
    current = database.keyring.current.key_id
    return sum(count for under in (use.patients, use.kept) for key_id, count in under.items() if key_id != current)


async def list_keys(database: Database, clinics: list[str]) -> list[KeyStatus]:
    """Each master key on the ring, and each that is needed and not there, with what needs it. StoreUnavailable."""
    use = add_up([await database.read(each, count_key_use) for each in clinics])
    ring = [key.key_id for key in database.keyring.keys]
    missing = sorted({*use.patients, *use.kept, *use.unsealed, *use.seals} - set(ring))
    return [_status(key_id, use, ring) for key_id in (*ring, *missing)]


def make_master_key(today: date, ring: Keyring | None) -> str:
    """A new master key as a line for the ring, `id:key`; its id is the day, and a number where that is taken."""
    taken = set() if ring is None else {key.key_id for key in ring.keys}
    key_id, number = today.isoformat(), 1
    while key_id in taken:
        number += 1
        key_id = f"{today.isoformat()}-{number}"
    return make_key(key_id)


async def _reseal(
    database: Database, call: Call, now: Callable[[], datetime], report: Callable[[int], None]
) -> tuple[int, int]:
    after, resealed, unopened = "", 0, 0

    def reseal(unit: Unit) -> Resealed | None:
        done = reseal_some(unit, after, AT_A_TIME)
        if done is not None and done.resealed:
            detail = {"to": unit.keyring.current.key_id, "kept_notes": done.resealed}
            add_event(unit, call.event(detail=detail), now())
        return done

    while (done := await database.write(call.clinic, reseal)) is not None:
        resealed, unopened, after = resealed + done.resealed, unopened + done.unopened, done.last
        report(done.resealed + done.unopened)
    return resealed, unopened


def _status(key_id: str, use: KeyUse, ring: list[str]) -> KeyStatus:
    counts = [each.get(key_id, 0) for each in (use.patients, use.kept, use.receipts, use.unsealed, use.seals)]
    state = KeyState.NEEDED if any(counts) else KeyState.FREE
    if key_id not in ring:
        state = KeyState.MISSING
    elif key_id == ring[0]:
        state = KeyState.CURRENT
    return KeyStatus(key_id, state, *counts)
