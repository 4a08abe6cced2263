"""The audit as it is read: newest first, in pages that neither skip nor repeat while more is added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, and_, or_, select, tuple_

from app.models import audit_events, audit_sealed
from app.store.cursor import Position
from app.store.unit import Unit

_LISTED = select(audit_events, audit_sealed.c.seal).outerjoin(
    audit_sealed,
    and_(audit_sealed.c.clinic_id == audit_events.c.clinic_id, audit_sealed.c.event_id == audit_events.c.event_id),
)
_NEWEST_FIRST = (audit_events.c.at.desc(), audit_events.c.event_id.desc())


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events to list; None asks for nothing.

    `target` is a record, with all that is below it: that of a consultation finds its notes as well. From `at_from` on,
    and before `at_before`.
    """

    target: str | None = None
    actor: str | None = None
    action: str | None = None
    outcome: str | None = None
    at_from: datetime | None = None
    at_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event as it is stored, and the number of the seal that covers it; None if none does yet."""

    event_id: str
    at: datetime
    actor_kind: str
    actor: str
    action: str
    target: str | None
    outcome: str
    address: str | None
    request_id: str | None
    detail: dict[str, Any] | None
    seal: int | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events, newest first, and the cursor of those that follow; None on the last page."""

    events: tuple[AuditEntry, ...]
    next_cursor: str | None


def list_events(unit: Unit, wanted: AuditFilter, cursor: str | None, limit: int) -> AuditPage:
    """The page of at most `limit` events that begins after `cursor`, or the first one.

    InvalidCursor when the cursor was not given out by this service.
    """
    query = _LISTED.where(audit_events.c.clinic_id == unit.clinic, *_conditions(wanted))
    if cursor is not None:
        after = Position.decode(cursor)
        place = tuple_(audit_events.c.at, audit_events.c.event_id)
        query = query.where(place < tuple_(after.moment, after.row_id))
    found = unit.connection.execute(query.order_by(*_NEWEST_FIRST).limit(limit + 1)).all()
    events = tuple(_entry(row) for row in found[:limit])
    more = len(found) > limit
    return AuditPage(events, Position(events[-1].at, events[-1].event_id).encode() if more and events else None)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns = audit_events.c
    conditions: list[ColumnElement[bool]] = [
        columns[name] == value
        for name in ("actor", "action", "outcome")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.target is not None:
        # All that begins with "target/": "0" is the character after "/".
        below = and_(columns.target > f"{wanted.target}/", columns.target < f"{wanted.target}0")
        conditions.append(or_(columns.target == wanted.target, below))
    if wanted.at_from is not None:
        conditions.append(columns.at >= wanted.at_from)
    if wanted.at_before is not None:
        conditions.append(columns.at < wanted.at_before)
    return conditions


def _entry(row: Row[Any]) -> AuditEntry:
    values = {name: getattr(row, name) for name in AuditEntry.__slots__}
    return AuditEntry(**values | {"detail": None if row.detail is None else _read_detail(row.detail)})


def _read_detail(written: str) -> dict[str, Any]:
    """What was written, or, if somebody changed it into something else, only that: `verify` says more."""
    try:
        detail = orjson.loads(written)
    except orjson.JSONDecodeError:
        detail = None
    return detail if isinstance(detail, dict) else {"damaged": True}
