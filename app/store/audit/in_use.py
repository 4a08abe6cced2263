"""Whether something is still written under a master key: then a service has it on its ring."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, select

from app.models import audit_events
from app.store.audit.stored import Unreadable, moment, reading_anything, stored_rows
from app.store.clinics import every_clinic
from app.store.protection import Keyring
from app.store.unit import Unit

_WRITTEN = (
    select(cast(audit_events.c.at, Text).label("at"))
    .where(audit_events.c.clinic_id == bindparam("clinic"), audit_events.c.master_key == bindparam("key"))
    .order_by(audit_events.c.at.desc())
)
_WRITTEN_BETWEEN = _WRITTEN.where(audit_events.c.at >= bindparam("since"), audit_events.c.at <= bindparam("until"))


def last_written(unit: Unit, key_id: str) -> datetime | None:
    """The moment of the clinic's newest event under the master key; None without one."""
    with reading_anything(unit):
        return _first_moment(stored_rows(unit, _WRITTEN, key=key_id))


def last_written_between(
    connection: Connection, keyring: Keyring, key_id: str, since: datetime, until: datetime
) -> tuple[str, datetime] | None:
    """The clinic and moment of the newest event under the master key within a time, both ends included; or None.

    Master keys belong to the installation: this looks into each clinic, for an owner, who may see them all.
    """
    found: list[tuple[datetime, str]] = []
    for each in every_clinic(connection):
        unit = Unit(connection, each.clinic, keyring)
        with reading_anything(unit):
            last = _first_moment(stored_rows(unit, _WRITTEN_BETWEEN, key=key_id, since=since, until=until))
        if last is not None:
            found.append((last, each.clinic))
    if not found:
        return None
    last, clinic = max(found)
    return clinic, last


def _first_moment(rows: Generator[dict[str, Any]]) -> datetime | None:
    """The first that can be read: what somebody made unreadable is not to hide the others."""
    with closing(rows):
        for row in rows:
            with suppress(Unreadable):
                return moment(row["at"])
    return None
