"""Giving up a master key that nobody has any more: what lies under it is removed, and the audit goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.access import COMMAND_LINE, Action, operator
from app.errors import InputError
from app.services.audit.sealing import seal_everything
from app.services.call import Call
from app.services.patients.erase import counted
from app.store import (
    Database,
    Erased,
    Lost,
    Unit,
    add_event,
    count_lost,
    drop_kept_under,
    drop_receipts_under,
    erase_under,
)
from app.store.audit import Held, Unproven, count_unproven, hold_unproven

PATIENTS_AT_A_TIME: Final = 50
ROWS_AT_A_TIME: Final = 1_000
LATELY: Final = timedelta(hours=1)
"""A key that something was written under since is on the ring of a service."""


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


async def count_to_give_up(database: Database, clinics: list[str], key_id: str, now: datetime) -> list[GivingUp]:
    """What giving up the key would come to, for each clinic that needs it.

    InputError when the key is on the ring, when nothing needs it, or when something was written under it LATELY: then
    a service has it, and it is not lost. StoreUnavailable.
    """
    if any(key.key_id == key_id for key in database.keyring.keys):
        raise InputError(
            f"the master key {key_id} is on the ring, so that what is sealed under it can be read; an older one that is"
            " to go is rotated: `spine-triage master-key rotate`"
        )
    needs = [each for clinic in clinics if _is_needed(each := await _count(database, clinic, key_id))]
    if not needs:
        raise InputError(f"nothing stored needs a master key {key_id}; `spine-triage master-key status` shows which do")
    for each in needs:
        last = each.unproven.last_written
        if last is not None and abs(now - last) < LATELY:
            raise InputError(
                f"something was written under the master key {key_id} at {last:%Y-%m-%d %H:%M} UTC: a service has it on"
                " its ring. Copy it from there; if that service is gone too, try again in an hour"
            )
    return needs


async def give_up(
    database: Database,
    clinic: str,
    key_id: str,
    now: Callable[[], datetime],
    report: Callable[[int], None],
    by: str = COMMAND_LINE,
) -> Lost:
    """Remove what only this key would open, a little at a time, each with its event; answers what was removed.

    Patients go as in an erasure. Audit events that no seal covers are sealed as they are, and the last seals under the
    key are told of in an event, so that changes since then show; the audit itself loses nothing.

    `count_to_give_up` comes before. StoreUnavailable; what was done stays done, and the next run goes on from there.
    """
    call = Call(operator(clinic, by), Action.MASTER_KEY_GIVEN_UP)
    lost = Lost(0, 0, 0, 0, 0, 0, 0)

    def tell(unit: Unit, detail: dict[str, object]) -> None:
        add_event(unit, call.event(detail={"master_key": key_id, "reason": "nobody has it", **detail}), now())

    def erase(unit: Unit) -> Erased:
        erased = erase_under(unit, key_id, PATIENTS_AT_A_TIME)
        if erased.patients:
            tell(unit, counted(erased))
        return erased

    def drop(unit: Unit, name: str, some: Callable[[Unit, str, int], int]) -> int:
        dropped = some(unit, key_id, ROWS_AT_A_TIME)
        if dropped:
            tell(unit, {name: dropped})
        return dropped

    def hold(unit: Unit) -> Held | None:
        held = hold_unproven(unit, key_id, now())
        if held is not None:
            tell(unit, {"unproven": held.told()})
        return held

    while (erased := await database.write(clinic, erase)).patients:
        lost = _add(lost, erased)
        report(len(erased.patients))
    while dropped := await database.write(clinic, drop, "kept_notes", drop_kept_under):
        lost = replace(lost, kept_notes=lost.kept_notes + dropped)
        report(dropped)
    while dropped := await database.write(clinic, drop, "receipts", drop_receipts_under):
        lost = replace(lost, receipts=lost.receipts + dropped)
        report(dropped)
    while (held := await database.write(clinic, hold)) is not None:
        report(held.events)
    await seal_everything(database, clinic, now, by)
    return lost


async def _count(database: Database, clinic: str, key_id: str) -> GivingUp:
    return GivingUp(
        clinic,
        await database.read(clinic, count_lost, key_id),
        await database.read(clinic, count_unproven, key_id),
    )


def _is_needed(found: GivingUp) -> bool:
    return bool(found.steps or found.unproven.seals)


def _add(lost: Lost, erased: Erased) -> Lost:
    return replace(
        lost,
        patients=lost.patients + len(erased.patients),
        consultations=lost.consultations + erased.consultations,
        notes=lost.notes + erased.revisions,
        reviews=lost.reviews + erased.reviews,
        receipts=lost.receipts + erased.receipts,
    )
