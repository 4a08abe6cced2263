"""Taking destroyed keys out of the database's files, after an erasure and without anybody waiting for it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from app.errors import StoreUnavailable
from app.store import Database, Scrubbed

EVERY_SECONDS: Final = 60.0
"""On PostgreSQL a table is written anew each time."""

PATIENTLY: Final = 20
"""Attempts of a command, which has nobody waiting."""

_PAUSE_SECONDS: Final = 0.5
_CLOSING_SECONDS: Final = 5.0
_STILL_THERE: Final = "destroyed keys are still in the database's files"
_SAYS: Final = {
    Scrubbed.IN_THE_WAY: "a long read is in the way",
    Scrubbed.TOO_SLOW: "the table is too large for the service's limit of time; run `spine-triage retention`",
    Scrubbed.NOT_ALLOWED: (
        "this role may not take them out (before PostgreSQL 17 only the tables' owner may, from then on it takes"
        " MAINTAIN on patients): run `spine-triage retention` as the owner"
    ),
}
_log = logging.getLogger("spine_triage.store")


async def scrub_forever(database: Database, erased: asyncio.Event, every: float = EVERY_SECONDS) -> None:
    """Scrub soon after `erased` was set, at most once every so many seconds, until cancelled; then once more if due.

    Nothing that goes wrong ends it: it is logged, and tried again the next time.
    """
    try:
        while True:
            await erased.wait()
            await _scrub_what_is_due(database, erased)
            await asyncio.sleep(every)
    finally:
        if erased.is_set():
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await _scrub_what_is_due(database, erased)
            except TimeoutError:
                _log.warning("%s: closing did not wait; run `spine-triage retention`", _STILL_THERE)


async def scrub(database: Database, attempts: int = 1) -> Scrubbed:
    """Take destroyed keys out of the database's files; what came of it in the end is logged unless it was done.

    StoreUnavailable does not come out of it: the erasure is committed, and nobody is to be told that it failed.
    """
    done, reason = await _attempt(database)
    for _ in range(attempts - 1):
        if done is not Scrubbed.IN_THE_WAY:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
        done, reason = await _attempt(database)
    if done is not Scrubbed.DONE:
        _log.warning("%s: %s", _STILL_THERE, reason)
    return done


async def _scrub_what_is_due(database: Database, erased: asyncio.Event) -> None:
    # Cleared before: who is erased meanwhile may have come too late for this one.
    erased.clear()
    done = Scrubbed.IN_THE_WAY
    try:
        done = await scrub(database)
    except Exception as error:  # noqa: BLE001 - the next time still counts
        _log.error("%s: %s", _STILL_THERE, type(error).__name__)
    finally:
        if done is Scrubbed.IN_THE_WAY:
            erased.set()


async def _attempt(database: Database) -> tuple[Scrubbed, str]:
    try:
        done = await database.scrub()
    except StoreUnavailable as error:
        return Scrubbed.IN_THE_WAY, type(error.__cause__ or error).__name__
    return done, _SAYS.get(done, "")
