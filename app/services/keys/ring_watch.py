"""Whether the ring is the one of each clinic that calls, looked at once it is known.

On PostgreSQL row-level security shows the service no clinic before its first call, so that its start cannot look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

from app.errors import KeysMissing
from app.store import Database, check_keys

EVERY_SECONDS: Final = 10.0

_log = logging.getLogger("spine_triage.store")


async def watch_forever(
    database: Database, clinics: Callable[[], Collection[str]], every: float = EVERY_SECONDS
) -> None:
    """Look once at each clinic, soon after it was met, and log an error if its master keys are others; until cancelled.

    Nothing that goes wrong ends it: it is tried again the next time.
    """
    looked_at: set[str] = set()
    while True:
        await asyncio.sleep(every)
        for clinic in sorted(set(clinics()) - looked_at):
            try:
                await database.read(clinic, check_keys)
            except KeysMissing as error:
                _log.error("this ring is not, or not all of, the one of the clinic %s: %s", clinic, error)
            except Exception as error:  # noqa: BLE001 - the other clinics, and the next time, still count
                _log.warning("the master keys of %s could not be looked at: %s", clinic, type(error).__name__)
                continue
            looked_at.add(clinic)
