"""Audit events, each authenticated by a key that the database does not hold."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import insert

from app.models import audit_events
from app.store.protection import Keyring
from app.store.records import Event
from app.store.unit import Unit

_ADD = insert(audit_events)
_AUTHENTICATED = (
    "clinic_id",
    "event_id",
    "at",
    "actor_kind",
    "actor",
    "action",
    "target",
    "outcome",
    "address",
    "request_id",
    "detail",
)


def add_event(unit: Unit, event: Event, at: datetime) -> None:
    """Write an event in the unit's transaction: what it tells of and the telling are stored together or not at all."""
    unit.connection.execute(_ADD, event_row(unit.keyring, unit.clinic, event, at))


def event_row(keyring: Keyring, clinic: str, event: Event, at: datetime) -> dict[str, Any]:
    """The row of an event that happens now."""
    row: dict[str, Any] = {
        "clinic_id": clinic,
        "event_id": str(uuid4()),
        "at": at.astimezone(UTC),
        "actor_kind": event.actor_kind,
        "actor": event.actor,
        "action": event.action,
        "target": event.target,
        "outcome": event.outcome,
        "address": event.address,
        "request_id": event.request_id,
        "detail": None if event.detail is None else orjson.dumps(event.detail, option=orjson.OPT_SORT_KEYS).decode(),
    }
    current = keyring.current
    return row | {"master_key": current.key_id, "mac": hmac.digest(current.auditing, event_bytes(row), "sha256")}


def event_bytes(row: Mapping[str, Any]) -> bytes:
    """What of an event is authenticated and sealed: all that was written but the authentication itself."""
    return orjson.dumps([row[name] for name in _AUTHENTICATED], option=orjson.OPT_UTC_Z)
