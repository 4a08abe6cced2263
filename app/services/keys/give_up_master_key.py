"""Giving up a master key that nobody has any more: what lies under it is removed, and the audit goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.access import COMMAND_LINE, Action, operator
from app.errors import InputError
from app.services.audit.sealing import seal_everything
from app.services.call import Call
from app.services.patients.erase import counted
from app.store import (
    Database,
    Lost,
    Unit,
    add_event,
    count_lost,
    drop_kept_under,
    drop_receipts_under,
    erase_under,
)
from app.store.audit import (
    Held,
    Unproven,
    count_unproven,
    hold_unproven,
    last_written_between,
    tells_of_giving_up,
)

PATIENTS_AT_A_TIME: Final = 50
ROWS_AT_A_TIME: Final = 1_000
LATELY: Final = timedelta(hours=1)
"""A key that something was written under since is on the ring of a service."""
AHEAD: Final = timedelta(days=1)
"""By so much the clock of such a service may be fast. What is dated further ahead says nothing of today: else one wrong
clock, or one forged event, would keep a lost key for as long as it is ahead."""


@dataclass(frozen=True, slots=True)
class GivingUp:
    """What giving up a key removes from a clinic, and what of its audit stays without a proof."""

    clinic: str
    lost: Lost
    unproven: Unproven

    @property
    def steps(self) -> int:
        """Of how many things `give_up` reports that they are done."""
        return self.lost.patients + self.lost.kept_notes + self.lost.receipts + self.unproven.events

    @property
    def is_needed(self) -> bool:
        """Whether anything is left; if not, the key was given up here before."""
        return bool(self.steps or self.unproven.seals)


@dataclass(frozen=True, slots=True)
class Removed:
    """How much of a clinic, or of several, was removed with a key that nobody has."""

    patients: int = 0
    consultations: int = 0
    notes: int = 0
    reviews: int = 0
    kept_notes: int = 0
    receipts: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            self.patients + other.patients,
            self.consultations + other.consultations,
            self.notes + other.notes,
            self.reviews + other.reviews,
            self.kept_notes + other.kept_notes,
            self.receipts + other.receipts,
        )


async def count_to_give_up(database: Database, clinics: list[str], key_id: str, now: datetime) -> list[GivingUp]:
    """What giving up the key would come to, for each clinic that needs it or where it was given up before.

    InputError when the key is on the ring, when nothing needs it and it was never given up, or when something was
    written under it LATELY in any clinic: then a service has it, and it is not lost. StoreUnavailable.
    """
    if any(key.key_id == key_id for key in database.keyring.keys):
        raise InputError(
            f"the master key {key_id} is on the ring, so that what is sealed under it can be read; an older one that is"
            " to go is rotated: `spine-triage master-key rotate`"
        )
    found = [each for clinic in clinics if (each := await database.read(clinic, _count, key_id)) is not None]
    if not found:
        raise InputError(f"nothing stored needs a master key {key_id}; `spine-triage master-key status` shows which do")
    await database.read(found[0].clinic, _check_unused, key_id, now)
    return found


async def give_up(
    database: Database,
    clinic: str,
    key_id: str,
    now: Callable[[], datetime],
    report: Callable[[int], None],
    by: str = COMMAND_LINE,
) -> Removed:
    """Remove what only this key would open, a little at a time, each with its event; answers what was removed.

    Patients go as in an erasure. Audit events that no seal covers are sealed as they are, and the last seals under the
    key are told of in an event, so that changes since then show; the audit itself loses nothing.

    `count_to_give_up` comes before. InputError when a service turns up meanwhile that writes under the key,
    StoreUnavailable; what was done stays done, and the next run goes on from there.
    """
    call = Call(operator(clinic, by), Action.MASTER_KEY_GIVEN_UP)
    removed = Removed()

    def tell(unit: Unit, detail: dict[str, object]) -> None:
        add_event(unit, call.event(detail={"master_key": key_id, "reason": "nobody has it", **detail}), now())

    def erase(unit: Unit) -> Removed:
        _check_unused(unit, key_id, now())
        erased = erase_under(unit, key_id, PATIENTS_AT_A_TIME)
        if erased.patients:
            tell(unit, counted(erased))
        return Removed(
            patients=len(erased.patients),
            consultations=erased.consultations,
            notes=erased.revisions,
            reviews=erased.reviews,
            receipts=erased.receipts,
        )

    def drop(unit: Unit, name: str, drop_some: Callable[[Unit, str, int], int]) -> int:
        _check_unused(unit, key_id, now())
        dropped = drop_some(unit, key_id, ROWS_AT_A_TIME)
        if dropped:
            tell(unit, {name: dropped})
        return dropped

    def hold(unit: Unit) -> Held | None:
        _check_unused(unit, key_id, now())
        held = hold_unproven(unit, key_id, now())
        if held is not None:
            tell(unit, {"unproven": held.told()})
        return held

    while (erased := await database.write(clinic, erase)).patients:
        removed += erased
        report(erased.patients)
    while dropped := await database.write(clinic, drop, "kept_notes", drop_kept_under):
        removed += Removed(kept_notes=dropped)
        report(dropped)
    while dropped := await database.write(clinic, drop, "receipts", drop_receipts_under):
        removed += Removed(receipts=dropped)
        report(dropped)
    while (held := await database.write(clinic, hold)) is not None:
        report(held.events)
    await seal_everything(database, clinic, now, by)
    return removed


def _count(unit: Unit, key_id: str) -> GivingUp | None:
    """None where nothing needs the key, nor ever did as far as anybody says."""
    found = GivingUp(unit.clinic, count_lost(unit, key_id), count_unproven(unit, key_id))
    return found if found.is_needed or tells_of_giving_up(unit, key_id) else None


def _check_unused(unit: Unit, key_id: str, now: datetime) -> None:
    """InputError when a service has the key on its ring, whichever clinic it writes for."""
    last = last_written_between(unit.connection, unit.keyring, key_id, now - LATELY, now + AHEAD)
    if last is not None:
        clinic, at = last
        raise InputError(
            f"something was written under the master key {key_id} at {at:%Y-%m-%d %H:%M} UTC, in the clinic {clinic}: a"
            " service has it on its ring. Copy it from there; if that service is gone too, try again an hour after that"
        )
