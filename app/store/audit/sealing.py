"""Sealing: the events that no seal covers yet get one.

A seal vouches for what it covers, long after the keys are gone that it was checked with. So only what is genuine is
covered: an event that does not fit its code stays unsealed, and a seal before that does not fit its own is not vouched
for. `verify` tells of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, func, insert, literal, select, text

from app.models import audit_events, audit_sealed, audit_seals
from app.store.audit.events import examine
from app.store.audit.merkle import tree_hash
from app.store.audit.seals import NOTHING_BEFORE, Seal
from app.store.audit.stored import Unreadable, make_code, moment, reading_anything, stored_columns, stored_rows
from app.store.unit import Unit

MOST: Final = 10_000
"""Events under one seal, at most."""

LATE: Final = timedelta(days=1)
"""How far back from the newest seal unsealed events are looked for, unless everything is looked through."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('spine-triage audit ' || :clinic, 0))")
_CLINIC: BindParameter[str] = bindparam("clinic")
# Looked up for each event by its key. NOT EXISTS may become any join that statistics suggest: on tables that nobody had
# analysed yet, one that read the whole list for each event.
_SEAL_OF_IT = (
    select(audit_sealed.c.seal)
    .where(audit_sealed.c.clinic_id == audit_events.c.clinic_id, audit_sealed.c.event_id == audit_events.c.event_id)
    .correlate(audit_events)
    .scalar_subquery()
)
UNSEALED: Final[Select[Any]] = select(*stored_columns(audit_events)).where(
    audit_events.c.clinic_id == _CLINIC, _SEAL_OF_IT.is_(None)
)
"""The events of the clinic that no seal covers."""

_IN_ORDER = UNSEALED.order_by(audit_events.c.at, audit_events.c.event_id)
_OF_KEY = _IN_ORDER.where(audit_events.c.master_key == bindparam("key"))
_SINCE = UNSEALED.where(audit_events.c.at >= bindparam("since"))
# Whether there is any reads nothing of it: a row that somebody made unreadable must not keep the others from a seal.
_ANY = UNSEALED.with_only_columns(literal(1)).limit(1)
_ANY_SINCE = _SINCE.with_only_columns(literal(1)).limit(1)
_SINCE_IN_ORDER = _SINCE.order_by(audit_events.c.at, audit_events.c.event_id)
_NEWEST = (
    select(*stored_columns(audit_seals))
    .where(audit_seals.c.clinic_id == _CLINIC)
    .order_by(audit_seals.c.number.desc())
    .limit(1)
)
_LAST_LISTED = select(func.max(audit_sealed.c.seal)).where(audit_sealed.c.clinic_id == _CLINIC)
_ADD_SEAL = insert(audit_seals)
_ADD_SEALED = insert(audit_sealed)


@dataclass(frozen=True, slots=True)
class Sealing:
    """What became of the events that had no seal."""

    seal: Seal | None
    """The new seal; None when there was nothing to cover."""
    left_out: int
    """Events that were looked at and not covered: they do not fit their code, or its key is not on the ring."""
    upto: datetime | None = None
    """The moment of the last event that is covered: where to go on from, if there is more than a seal may hold."""


def seal_events(
    unit: Unit, at: datetime, *, most: int = MOST, since: datetime | None = None, everything: bool = False
) -> Sealing:
    """Cover the oldest unsealed events, at most `most`, with one seal that is made `at`.

    Events before `since` are passed over, or, where none is given, those dated more than LATE before the newest seal,
    so that the whole past is not read each time; with `everything` they are looked for as well. Sealers of one clinic
    take turns.
    """
    _take_turn(unit)
    with reading_anything(unit):
        newest = newest_seal(unit)
        if since is None and newest is not None and not everything:
            since = min(at, newest.sealed_at) - LATE
        return _seal_events(unit, newest, at, most, since)


def seal_unproven(unit: Unit, key_id: str, at: datetime, most: int = MOST) -> Seal | None:
    """Cover, as they are, events under a master key that is on no ring any more; None when there are none to cover.

    Nobody can tell whether they are genuine: only an operator who gives up that key lets this be done, and says so in
    the audit. From then on a change of them shows.
    """
    _take_turn(unit)
    with reading_anything(unit):
        leaves = dict(islice(unproven_leaves(unit, key_id), most))
        return _cover(unit, newest_seal(unit), at, leaves) if leaves else None


def unproven_leaves(unit: Unit, key_id: str) -> Iterator[tuple[str, bytes]]:
    """Events that no seal covers and that only this key would prove, with what a seal would cover them by."""
    with closing(stored_rows(unit, _OF_KEY, key=key_id)) as events:
        for event in events:
            examined = examine(unit.keyring, event)
            if examined.genuine is None and examined.leaf is not None:
                yield event["event_id"], examined.leaf


def has_unsealed(unit: Unit, since: datetime | None = None) -> bool:
    """Whether the clinic has events that no seal covers, of all or of those dated `since`."""
    if since is None:
        found = unit.connection.execute(_ANY, {"clinic": unit.clinic})
    else:
        found = unit.connection.execute(_ANY_SINCE, {"clinic": unit.clinic, "since": since})
    return found.first() is not None


def look_back(unit: Unit, at: datetime) -> datetime | None:
    """From when on unsealed events are looked for at the moment `at`; None while nothing was sealed yet."""
    with reading_anything(unit):
        newest = newest_seal(unit)
    return None if newest is None else min(at, newest.sealed_at) - LATE


def newest_seal(unit: Unit) -> Seal | None:
    """The clinic's last seal; None if there is none, or it cannot be read."""
    for row in stored_rows(unit, _NEWEST):
        with suppress(Unreadable):
            return Seal.read(row)
    return None


def _take_turn(unit: Unit) -> None:
    if unit.connection.dialect.name == "postgresql":
        unit.connection.execute(_ONE_AT_A_TIME, {"clinic": unit.clinic})


def _seal_events(unit: Unit, newest: Seal | None, at: datetime, most: int, since: datetime | None) -> Sealing:
    unsealed = stored_rows(unit, _IN_ORDER) if since is None else stored_rows(unit, _SINCE_IN_ORDER, since=since)
    leaves: dict[str, bytes] = {}
    left_out, upto = 0, None
    with closing(unsealed) as events:
        for event in events:
            if len(leaves) == most:
                break
            examined = examine(unit.keyring, event)
            if examined.genuine and examined.leaf is not None:
                leaves[event["event_id"]] = examined.leaf
                upto = moment(event["at"])
            else:
                left_out += 1
    if not leaves:
        return Sealing(None, left_out)
    return Sealing(_cover(unit, newest, at, leaves), left_out, upto)


def _cover(unit: Unit, newest: Seal | None, at: datetime, leaves: dict[str, bytes]) -> Seal:
    """Add a seal over events in their order, by id."""
    seal = _make_seal(unit, newest, at, leaves)
    unit.connection.execute(_ADD_SEAL, _row(seal))
    here = {"clinic_id": unit.clinic, "seal": seal.number}
    covered = enumerate(leaves.items())
    unit.connection.execute(
        _ADD_SEALED, [here | {"event_id": event, "place": place, "leaf": leaf} for place, (event, leaf) in covered]
    )
    return seal


def _make_seal(unit: Unit, newest: Seal | None, at: datetime, leaves: dict[str, bytes]) -> Seal:
    # A number under which events are listed is taken, even where somebody removed its seal.
    listed = unit.connection.execute(_LAST_LISTED, {"clinic": unit.clinic}).scalar()
    last = max(0 if newest is None else newest.number, listed or 0)
    vouched = newest is not None and newest.is_genuine(unit.keyring)
    seal = Seal(
        clinic=unit.clinic,
        number=last + 1,
        sealed_at=at.astimezone(UTC),
        previous=newest.anchor.digest if newest is not None and vouched else NOTHING_BEFORE,
        root=tree_hash(leaves.values()),
        events=len(leaves),
        master_key=unit.keyring.current.key_id,
    )
    return replace(seal, mac=make_code(unit.keyring, seal.told))


def _row(seal: Seal) -> dict[str, Any]:
    return {
        "clinic_id": seal.clinic,
        "number": seal.number,
        "sealed_at": seal.sealed_at,
        "previous": seal.previous,
        "root": seal.root,
        "events": seal.events,
        "master_key": seal.master_key,
        "mac": seal.mac,
    }
