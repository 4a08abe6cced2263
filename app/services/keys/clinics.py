"""Clinics and their API keys, for operators: opened, made, rotated, revoked, each with its audit event."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.access import COMMAND_LINE, Action, Scope, StoredKey, is_clinic_id, make_key, operator, rotate
from app.errors import InputError, NotFound, StoreUnavailable
from app.services.call import Call
from app.services.keys.admission import as_key_row, as_stored_key
from app.store import (
    Database,
    Unit,
    add_event,
    add_key,
    change_key,
    every_clinic,
    every_key,
    find_clinic,
    find_key,
    open_clinic,
)

_MEETING_SECONDS = 60.0

MOST_NAME = 200
"""Characters of a clinic's name, at most."""

_log = logging.getLogger("spine_triage.store")


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A new key, with the text that is shown this once."""

    text: str
    key: StoredKey


async def open_new_clinic(database: Database, clinic: str, name: str, now: datetime, by: str = COMMAND_LINE) -> None:
    """Open a clinic. InputError for an id that cannot be one or is taken, StoreUnavailable."""
    if not is_clinic_id(clinic):
        raise InputError(
            "a clinic's id has lower-case letters, digits and hyphens, not first, and at most 63 characters"
        )
    if not name.strip() or len(name) > MOST_NAME:
        raise InputError(f"a clinic's name has 1 to {MOST_NAME} characters")

    def store(unit: Unit) -> None:
        if find_clinic(unit) is not None:
            raise InputError(f"the clinic {clinic} is there already")
        open_clinic(unit, name, now)
        add_event(unit, _call(clinic, by, Action.CLINIC_OPENED).event(f"clinics/{clinic}"), now)

    await database.write(clinic, store)


async def meet_forever(database: Database, met: set[str], every: float = _MEETING_SECONDS) -> None:
    """Call `meet_clinics` again and again, for those that are opened later, until it is cancelled."""
    while True:
        await meet_clinics(database, met)
        await asyncio.sleep(every)


async def meet_clinics(database: Database, met: set[str]) -> None:
    """Add to `met` the clinics that can be seen without a call of theirs: all that a SQLite file has.

    On PostgreSQL row-level security shows the service none.
    """
    try:
        met.update(each.clinic for each in await database.survey(every_clinic))
    except StoreUnavailable as error:
        _log.warning("which clinics there are is not known before they call: %s", error)


async def create_key(
    database: Database,
    clinic: str,
    name: str,
    scopes: frozenset[Scope],
    now: datetime,
    lifetime: timedelta | None,
    by: str = COMMAND_LINE,
) -> ShownKey:
    """Make a key. InputError when it cannot be made so, NotFound for a clinic that was not opened, StoreUnavailable."""
    text, key = make_key(clinic, name, scopes, now, None if lifetime is None else now + lifetime)

    def store(unit: Unit) -> None:
        if find_clinic(unit) is None:
            raise NotFound(f"there is no clinic {clinic}; open it with `spine-triage clinics open`")
        add_key(unit, as_key_row(key))
        detail = {"name": name, "scopes": sorted(scopes)}
        add_event(unit, _call(clinic, by, Action.KEY_CREATED).event(f"keys/{key.key_id}", detail=detail), now)

    await database.write(clinic, store)
    return ShownKey(text, key)


async def rotate_key(
    database: Database, clinic: str, key_id: str, now: datetime, overlap: timedelta, by: str = COMMAND_LINE
) -> ShownKey:
    """Make a key's successor; the old one works for `overlap` longer. NotFound, InputError, StoreUnavailable."""

    def store(unit: Unit) -> ShownKey:
        text, new, old = rotate(_found(unit, key_id), now, overlap)
        add_key(unit, as_key_row(new))
        change_key(unit, key_id, expires_at=old.expires_at, replaced_by=old.replaced_by)
        detail = {"replaced_by": new.key_id}
        add_event(unit, _call(clinic, by, Action.KEY_ROTATED).event(f"keys/{key_id}", detail=detail), now)
        return ShownKey(text, new)

    return await database.write(clinic, store)


async def revoke_key(database: Database, clinic: str, key_id: str, now: datetime, by: str = COMMAND_LINE) -> None:
    """Let a key work no more, within two seconds. NotFound, StoreUnavailable."""

    def store(unit: Unit) -> None:
        if _found(unit, key_id).revoked_at is None:
            change_key(unit, key_id, revoked_at=now)
            add_event(unit, _call(clinic, by, Action.KEY_REVOKED).event(f"keys/{key_id}"), now)

    await database.write(clinic, store)


async def list_keys(database: Database, clinic: str) -> list[StoredKey]:
    """All keys of a clinic, oldest first. StoreUnavailable."""
    return [as_stored_key(clinic, row) for row in await database.read(clinic, every_key)]


def _found(unit: Unit, key_id: str) -> StoredKey:
    row = find_key(unit, key_id)
    if row is None:
        raise NotFound(f"the clinic {unit.clinic} has no key {key_id}; `spine-triage keys list` shows those it has")
    return as_stored_key(unit.clinic, row)


def _call(clinic: str, by: str, action: Action) -> Call:
    return Call(operator(clinic, by), action)
