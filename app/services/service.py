"""What every use case is given: the rulebook at work, the store and the clock. Whose rows it is about, the call says.

Use cases take it first and the `Call` second. What they store or read they return as `StoredRevision`: id, revision,
moments, and the body and the note as canonical JSON bytes, so that an answer repeats them bit for bit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from app.services.idempotency import Running
from app.store import ConstraintBroken, Database, has_snapshot, keep_snapshot
from app.triage import Triage

T = TypeVar("T")


def _nobody_counts(_: dict[str, Any]) -> None:
    """Where nobody counts notes."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service for all its clinics. Made once by `main`; whoever opened `database` closes it."""

    triage: Triage
    database: Database
    today: Callable[[], date]
    """The date that notes are made on, by the clinic's calendar."""
    now: Callable[[], datetime]
    """The moment that revisions are stored at, with its time zone."""
    body_limit: int
    """Bytes of the largest body that doors read."""
    count_note: Callable[[dict[str, Any]], None] = _nobody_counts
    """Told of every note that is made."""
    keeps_notes: bool = False
    """Whether notes without identity stay for learning when a patient is erased."""
    erased: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False, compare=False)
    """Set after an erasure, for `scrub_forever`."""
    receipts_last: timedelta = timedelta(hours=48)
    """For how long an Idempotency-Key stands for its request."""
    running: Running = field(default_factory=Running, init=False, repr=False, compare=False)
    _kept: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False, compare=False)

    def oldest_receipt(self) -> datetime:
        """The moment from which on receipts count now."""
        return self.now() - self.receipts_last

    async def keep_rulebook(self, clinic: str) -> None:
        """Make certain that the snapshot of the rulebook is stored for the clinic, before a note names it.

        StoreUnavailable.
        """
        rulebook = self.triage.rulebook
        # Remembered only once it is committed; looking it up each time would cost as much as an insert.
        if (clinic, rulebook.digest) in self._kept:
            return
        await self.database.write(clinic, keep_snapshot, rulebook.digest, rulebook.version, rulebook.files)
        self._kept.add((clinic, rulebook.digest))

    async def with_rulebook(self, clinic: str, store: Callable[[], Awaitable[T]]) -> T:
        """Store a note, with the rulebook's snapshot kept before it. Whatever `store` raises.

        A database that was set back to an earlier day may have lost a snapshot that this process remembers: then it is
        kept again, and `store` is called once more.
        """
        await self.keep_rulebook(clinic)
        try:
            return await store()
        except ConstraintBroken:
            digest = self.triage.rulebook.digest
            if await self.database.read(clinic, has_snapshot, digest):
                raise
        self._kept.discard((clinic, digest))
        await self.keep_rulebook(clinic)
        return await store()
