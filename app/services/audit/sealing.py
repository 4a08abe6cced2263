"""Sealing audit events: again and again while the service runs, or all at once by an operator's hand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.store import Database, Unit, add_event
from app.store.audit import MOST, Anchor, has_unsealed, look_back, seal_events

AT_ONCE: Final = 1_000
"""Events under one seal of the running service: for so many nobody else's write waits noticeably."""

OVERLAP: Final = timedelta(minutes=10)
"""How far back from where the last round began the next one looks: for events that come late, or by other clocks."""

FULLY_EVERY: Final = timedelta(hours=1)
"""How often a round looks back as far as `seal_events` does by itself."""

_log = logging.getLogger("spine_triage.audit")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What became of a clinic's unsealed events."""

    events: int
    """Covered by new seals."""
    left_out: int
    """Not covered, because they are not as the service writes them, or their master key is not on the ring."""
    newest: Anchor | None
    """The last of the new seals, to be kept outside the database; None if there was nothing to seal."""


async def seal_forever(
    database: Database, clinics: Callable[[], Collection[str]], every: float, now: Callable[[], datetime]
) -> None:
    """Seal what each of the clinics has, every so many seconds, until cancelled; with `every` 0, never.

    Nothing that goes wrong ends it: it is logged, and tried again the next time. Each new seal is logged with its
    anchor, so that a log kept elsewhere shows when the newest seals are cut off. A clinic in which nothing happened
    costs a short read, and no write.
    """
    rounds: dict[str, _Round] = {}
    while every:
        await asyncio.sleep(every)
        for clinic in sorted(clinics()):
            this = _next_round(rounds.get(clinic), now())
            try:
                sealed = await _seal_round(database, clinic, this, now)
            except Exception as error:  # noqa: BLE001 - the other clinics, and the next time, still count
                _log.error("the audit of %s could not be sealed: %s", clinic, type(error).__name__)
                continue
            rounds[clinic] = this
            if sealed.newest is not None:
                _log.info("audit events sealed: %d, up to %s", sealed.events, sealed.newest)
            if sealed.left_out:
                _log.error("audit events of %s that cannot be sealed: %d; run audit verify", clinic, sealed.left_out)


@dataclass(frozen=True, slots=True)
class _Round:
    """One look at a clinic: when it begins, from when on it looks (None: a full one), and when a full one was."""

    at: datetime
    since: datetime | None
    fully_at: datetime


def _next_round(last: _Round | None, at: datetime) -> _Round:
    if last is None or not timedelta(0) <= at - last.fully_at < FULLY_EVERY:
        return _Round(at, None, at)
    return _Round(at, min(at, last.at) - OVERLAP, last.fully_at)


async def _seal_round(database: Database, clinic: str, this: _Round, now: Callable[[], datetime]) -> Sealed:
    def is_needed(unit: Unit) -> bool:
        return has_unsealed(unit, this.since or look_back(unit, this.at))

    if not await database.read(clinic, is_needed):
        return Sealed(0, 0, None)
    return await _seal(database, clinic, now, most=AT_ONCE, since=this.since, everything=False)


async def seal_everything(
    database: Database, clinic: str, now: Callable[[], datetime], by: str = COMMAND_LINE
) -> Sealed:
    """Seal all that is unsealed, however old, as an operator: an event tells of it, and is sealed with the others.

    StoreUnavailable.
    """
    await database.write(clinic, _tell, now, by)
    return await _seal(database, clinic, now, everything=True)


def _tell(unit: Unit, now: Callable[[], datetime], by: str) -> None:
    if has_unsealed(unit):
        add_event(unit, Call(operator(unit.clinic, by), Action.AUDIT_SEALED).event(), now())


async def _seal(
    database: Database,
    clinic: str,
    now: Callable[[], datetime],
    *,
    everything: bool,
    most: int = MOST,
    since: datetime | None = None,
) -> Sealed:
    sealed = Sealed(0, 0, None)
    while True:
        sealing = await database.write(clinic, seal_events, now(), most=most, since=since, everything=everything)
        left_out = sealed.left_out + sealing.left_out
        if sealing.seal is None:
            return replace(sealed, left_out=left_out)
        sealed = Sealed(sealed.events + sealing.seal.events, left_out, sealing.seal.anchor)
        if sealing.seal.events < most:
            return sealed
        since = sealing.upto
