"""Audit events, each authenticated by a key that the database does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import insert

from app.models import audit_events
from app.store.audit.merkle import leaf_hash
from app.store.audit.stored import Unreadable, binary, check_code, make_code, moment
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


@dataclass(frozen=True, slots=True)
class Examined:
    """What a stored event turned out to be."""

    leaf: bytes | None
    """What seals cover it by; None when it cannot be one that was ever written here."""
    genuine: bool | None
    """Whether it is as it was written; None when its master key is not on the ring."""


def add_event(unit: Unit, event: Event, at: datetime) -> None:
    """Write an event in the unit's transaction: what it tells of and the telling are stored together or not at all."""
    add_events(unit, [event], at)


def add_events(unit: Unit, events: Sequence[Event], at: datetime) -> None:
    """Write at least one event, all of one moment, as `add_event` does."""
    unit.connection.execute(_ADD, [event_row(unit.keyring, unit.clinic, event, at) for event in events])


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
    return row | {"master_key": keyring.current.key_id, "mac": make_code(keyring, event_bytes(row))}


def event_bytes(row: Mapping[str, Any]) -> bytes:
    """What of an event is authenticated: all that was written but the authentication itself."""
    return orjson.dumps([row[name] for name in _AUTHENTICATED], option=orjson.OPT_UTC_Z)


def examine(keyring: Keyring, stored: Mapping[str, Any]) -> Examined:
    """Look at a row as `stored_columns` gives it. It may hold anything."""
    try:
        row = {**stored, "at": moment(stored["at"])}
        written, mac, key_id = event_bytes(row), binary(row["mac"]), str(row["master_key"])
        leaf = leaf_hash(written + orjson.dumps([key_id, mac.hex()]))
    except (Unreadable, TypeError):  # the latter for what JSON does not have
        return Examined(None, genuine=False)
    return Examined(leaf, check_code(keyring, key_id, written, mac))
