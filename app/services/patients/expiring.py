"""Dropping receipts that count no more, while the service runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from app.access import Action, operator
from app.services.call import Call
from app.services.patients.retain import drop_old_receipts
from app.store import Database

EVERY: Final = timedelta(hours=1)
PAUSE_SECONDS: Final = 60.0
"""Between two looks at which clinics are due: some are met only later."""

_log = logging.getLogger("spine_triage.store")


async def drop_forever(
    database: Database,
    clinics: Callable[[], Collection[str]],
    receipts_last: timedelta,
    now: Callable[[], datetime],
    pause: float = PAUSE_SECONDS,
) -> None:
    """Drop the old receipts of each of the clinics, at most once an hour, until cancelled.

    Nothing that goes wrong ends it: it is logged, and tried again the next time.
    """
    done: dict[str, datetime] = {}
    while True:
        await asyncio.sleep(pause)
        for clinic in sorted(clinics()):
            at = now()
            if clinic in done and timedelta(0) <= at - done[clinic] < EVERY:
                continue
            call = Call(operator(clinic, "service"), Action.RETENTION_APPLIED)
            try:
                await drop_old_receipts(database, call, at - receipts_last, now)
            except Exception as error:  # noqa: BLE001 - the other clinics, and the next time, still count
                _log.error("old receipts of %s could not be dropped: %s", clinic, type(error).__name__)
                continue
            done[clinic] = at
