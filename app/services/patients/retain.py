"""Keeping nothing for longer than is configured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.services.patients.erase import counted
from app.services.patients.kept_note import without_identity
from app.store import (
    Database,
    Erased,
    Unit,
    add_event,
    count_idle,
    count_receipts,
    drop_receipts,
    erase_idle,
    find_idle,
)

PATIENTS_AT_A_TIME: Final = 50
RECEIPTS_AT_A_TIME: Final = 1_000
"""Each batch is one transaction: the service waits for it no longer than for a few of its own writes."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept. `patients` None keeps them for ever; `keeps_notes` leaves their notes without identity."""

    patients: timedelta | None
    receipts: timedelta
    keeps_notes: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """How many patients and receipts of a clinic are older than they may be."""

    patients: int
    receipts: int


async def count_due(database: Database, clinic: str, retention: Retention, now: datetime) -> Due:
    """What `retain` would erase and drop. StoreUnavailable."""
    patients = 0
    if retention.patients is not None:
        patients = await database.read(clinic, count_idle, now - retention.patients)
    return Due(patients, await database.read(clinic, count_receipts, now - retention.receipts))


async def retain(
    database: Database,
    clinic: str,
    retention: Retention,
    now: Callable[[], datetime],
    report: Callable[[int], None],
    by: str = COMMAND_LINE,
) -> Due:
    """Erase the patients of whom nothing was stored for too long, drop old receipts; answers how many of each.

    `report` is told after each batch how many patients and receipts went. Two rows of one reference, which there are
    only while master keys are being rotated, are looked at each by itself. StoreUnavailable; what was done stays done.
    """
    call = Call(operator(clinic, by), Action.RETENTION_APPLIED)
    began = now()
    erased = 0 if retention.patients is None else await _erase_idle(database, call, retention, now, report)
    dropped = await drop_old_receipts(database, call, began - retention.receipts, now, report)
    return Due(erased, dropped)


async def _erase_idle(
    database: Database, call: Call, retention: Retention, now: Callable[[], datetime], report: Callable[[int], None]
) -> int:
    keep = without_identity if retention.keeps_notes else None
    before = now() - (retention.patients or timedelta.max)
    after, done = "", 0

    def erase_some(unit: Unit, patient_ids: list[str]) -> Erased:
        erased = erase_idle(unit, patient_ids, before, keep)
        if erased.patients:
            add_event(unit, call.event(detail={"before": before.isoformat(), **counted(erased)}), now())
        return erased

    while some := await database.read(call.clinic, find_idle, before, after, PATIENTS_AT_A_TIME):
        erased = await database.write(call.clinic, erase_some, some)
        done += len(erased.patients)
        report(len(erased.patients))
        after = some[-1]
    return done


async def drop_old_receipts(
    database: Database,
    call: Call,
    before: datetime,
    now: Callable[[], datetime],
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Drop receipts made before a moment, a batch at a time; answers how many. StoreUnavailable."""

    def drop_some(unit: Unit) -> int:
        dropped = drop_receipts(unit, before, RECEIPTS_AT_A_TIME)
        if dropped:
            add_event(unit, call.event(detail={"before": before.isoformat(), "receipts": dropped}), now())
        return dropped

    done = 0
    if not await database.read(call.clinic, count_receipts, before):
        return done
    while dropped := await database.write(call.clinic, drop_some):
        done += dropped
        report(dropped)
    return done
