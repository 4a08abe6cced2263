"""What every use case is given: the rulebook at work, the store, the clock and the clinic.

Use cases take it first. What they store or read they return as `StoredRevision`: id, revision, moments, and the
body and the note as the canonical JSON bytes that are in the store, so that an answer repeats them bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from app.store import Database, Rulebooks
from app.triage import Triage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One clinic's service. Made once by `main`; whoever opened `database` closes it."""

    triage: Triage
    database: Database
    today: Callable[[], date]
    """The date that notes are made on, by the clinic's calendar."""
    now: Callable[[], datetime]
    """The moment that revisions are stored at, with its time zone."""
    clinic: str
    """Id under which everything is stored; see `app.models.LOCAL_CLINIC`."""
    body_limit: int
    """Bytes of the largest body that doors read."""
    _kept: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in one transaction in which the snapshot of the rulebook is certain to be stored.

        Raises what `fn` raises, or StoreUnavailable; nothing is stored then.
        """
        rulebook = self.triage.rulebook
        # Remembered only once it is committed; looking it up each time would cost as much as an insert.
        if rulebook.digest in self._kept:
            return await self.database.write(fn)

        def with_snapshot(connection: Connection) -> T:
            Rulebooks(self.clinic).keep_snapshot(connection, rulebook.digest, rulebook.version, rulebook.files)
            return fn(connection)

        result = await self.database.write(with_snapshot)
        self._kept.add(rulebook.digest)
        return result
