"""Reading the audit. That it was read is stored in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.services.call import Call
from app.store import Database, Unit, add_event
from app.store.audit import AuditFilter, AuditPage, list_events


async def read_audit(
    database: Database,
    call: Call,
    wanted: AuditFilter,
    now: Callable[[], datetime],
    *,
    limit: int,
    cursor: str | None = None,
) -> AuditPage:
    """At most `limit` events of the caller's clinic, newest first, after `cursor` or from the start.

    Raises InvalidCursor, StoreUnavailable.
    """

    def read_and_tell(unit: Unit) -> AuditPage:
        page = list_events(unit, wanted, cursor, limit)
        asked = {name: value for name in ("target", "actor") if (value := getattr(wanted, name)) is not None}
        # What was asked for is repeated only where the audit has it already: callers may have typed anything.
        detail = {"events": len(page.events), "asked": asked if page.events else sorted(asked)}
        add_event(unit, call.event(detail=detail), now())
        return page

    return await database.write(call.clinic, read_and_tell)
