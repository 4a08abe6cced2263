"""Master keys that were given up: what of the audit only they could prove is held as it was at that moment.

Nobody can say any more whether it is genuine. An operator who gives up a key lets what no seal covers be sealed all the
same, and lets an event, which is genuine itself, tell of the last seals under that key: they count from then on as an
anchor does that was kept outside. Without that every later look would find the same faults again, and hide new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Text, and_, bindparam, cast, select

from app.models import audit_events, audit_sealed, audit_seals
from app.store.audit.chain import Chain
from app.store.audit.events import examine
from app.store.audit.findings import GivenUp, Vouched
from app.store.audit.in_use import last_written
from app.store.audit.merkle import tree_hash
from app.store.audit.sealing import MOST, seal_unproven, unproven_leaves
from app.store.audit.seals import Anchor, Seal, every_seal
from app.store.audit.stored import Unreadable, moment, reading_anything, stored_columns, stored_rows
from app.store.unit import Unit

GIVEN_UP: Final = "master_key.given_up"
"""The action of the events that tell of it."""

_HERE = audit_events.c.clinic_id == bindparam("clinic")
_TOLD = (
    select(*stored_columns(audit_events), *stored_columns(audit_sealed, "listed_"), *stored_columns(audit_seals, "by_"))
    .select_from(audit_events)
    .outerjoin(
        audit_sealed,
        and_(audit_sealed.c.clinic_id == audit_events.c.clinic_id, audit_sealed.c.event_id == audit_events.c.event_id),
    )
    .outerjoin(
        audit_seals,
        and_(audit_seals.c.clinic_id == audit_sealed.c.clinic_id, audit_seals.c.number == audit_sealed.c.seal),
    )
    .where(_HERE, audit_events.c.action == GIVEN_UP)
    .order_by(audit_events.c.at, audit_events.c.event_id)
)
_LEAVES = (
    select(*stored_columns(audit_sealed))
    .where(audit_sealed.c.clinic_id == bindparam("clinic"), audit_sealed.c.seal == bindparam("seal"))
    .order_by(audit_sealed.c.place)
)
_TELLING = select(cast(audit_events.c.detail, Text).label("detail")).where(_HERE, audit_events.c.action == GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Unproven:
    """What of a clinic's audit nothing but one master key would prove."""

    events: int
    seals: int
    last_written: datetime | None
    """The moment of the newest event under that key, whether a seal covers it or not."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held as it was: events that one seal covers now, and the last seals of each run."""

    events: int
    anchors: tuple[Anchor, ...]

    def told(self) -> dict[str, Any]:
        """As `find_given_up` reads it in the detail of an event."""
        return {"events": self.events, "seals": {str(each.number): each.digest.hex() for each in self.anchors}}


def count_unproven(unit: Unit, key_id: str) -> Unproven:
    """What `hold_unproven` would hold for the key, which is not on the ring, and when it was last written under."""
    with reading_anything(unit):
        events = sum(1 for _ in unproven_leaves(unit, key_id))
        seals = sum(each.last - each.first + 1 for each, _ in _unproven_seals(unit, key_id))
    return Unproven(events, seals, last_written(unit, key_id))


def tells_of_giving_up(unit: Unit, key_id: str) -> bool:
    """Whether an event says that the master key was given up, or begun to be. Anybody may have written it."""
    with reading_anything(unit), closing(stored_rows(unit, _TELLING)) as rows:
        return any(_master_key_in(row["detail"]) == key_id for row in rows)


def hold_unproven(unit: Unit, key_id: str, at: datetime, most: int = MOST) -> Held | None:
    """Seal at most so many events under a key that is gone, and find its last seals; None when there is neither.

    The caller adds an event of the action GIVEN_UP in the same transaction, whose detail has `master_key` and, as
    `unproven`, what this tells.
    """
    seal = seal_unproven(unit, key_id, at, most)
    with reading_anything(unit):
        anchors = tuple(anchor for _, anchor in _unproven_seals(unit, key_id))
    return Held(0 if seal is None else seal.events, anchors) if seal is not None or anchors else None


def find_given_up(unit: Unit, anchors: Mapping[int, bytes]) -> list[GivenUp]:
    """The keys that were given up, oldest first, as far as the events that tell of it are proven themselves.

    Within `reading_anything`. An event whose own master key is gone is proven by its seal, if that one is.
    """
    trusted: list[tuple[int, GivenUp]] = []
    waiting: list[tuple[int, GivenUp, Seal]] = []
    for place, row in enumerate(stored_rows(unit, _TOLD)):
        told = _read(unit, row)
        if told is None:
            continue
        examined = examine(unit.keyring, row)
        if examined.genuine:
            trusted.append((place, told))
        elif examined.genuine is None and examined.leaf == row["listed_leaf"]:
            seal = _seal_of(row)
            if seal is not None and _lists_what_it_covers(unit, seal):
                waiting.append((place, told, seal))
    while waiting:
        chain = _walk(unit, with_given_up(anchors, [each for _, each in trusted]))
        proven = [(place, told) for place, told, seal in waiting if _is_proven(unit, seal, chain.vouched)]
        if not proven:
            break
        trusted += proven
        places = {place for place, _ in proven}
        waiting = [each for each in waiting if each[0] not in places]
    return [told for _, told in sorted(trusted, key=lambda each: each[0])]


def with_given_up(anchors: Mapping[int, bytes], given_up: Sequence[GivenUp]) -> dict[int, bytes]:
    """Anchors that were kept outside, which count first, and those that the audit holds itself, the oldest of each."""
    held = [anchor for each in reversed(given_up) for anchor in each.anchors]
    return {anchor.number: anchor.digest for anchor in held} | dict(anchors)


def _unproven_seals(unit: Unit, key_id: str) -> Iterator[tuple[Vouched, Anchor]]:
    held = with_given_up({}, find_given_up(unit, {}))
    for each, anchor in _walk(unit, held).unproven:
        # One that is not as it was held before was changed since, and stays a finding.
        if each.key_id == key_id and anchor.number not in held:
            yield each, anchor


def _walk(unit: Unit, anchors: Mapping[int, bytes]) -> Chain:
    chain = Chain(unit.keyring, anchors, lambda _: None)
    for seal in every_seal(unit):
        if seal is not None:
            chain.take(seal)
    chain.end()
    return chain


def _seal_of(row: Mapping[str, Any]) -> Seal | None:
    """The seal that an event is listed under; None where somebody removed it, or made it unreadable."""
    with suppress(Unreadable):
        return Seal.read({name.removeprefix("by_"): value for name, value in row.items() if name.startswith("by_")})
    return None


def _lists_what_it_covers(unit: Unit, seal: Seal) -> bool:
    """Whether nothing was added to the events of a seal: its code vouches for their root, not for who is listed."""
    leaves = [row["leaf"] for row in stored_rows(unit, _LEAVES, seal=seal.number)]
    return all(isinstance(leaf, bytes) for leaf in leaves) and tree_hash(leaves) == seal.root


def _is_proven(unit: Unit, seal: Seal, vouched: Sequence[Vouched]) -> bool:
    return bool(seal.is_genuine(unit.keyring)) or any(each.first <= seal.number <= each.last for each in vouched)


def _master_key_in(detail: Any) -> Any:
    with suppress(ValueError, KeyError, TypeError):
        return orjson.loads(detail)["master_key"]
    return None


def _read(unit: Unit, row: Mapping[str, Any]) -> GivenUp | None:
    """What an event tells, whoever wrote it; None for one that tells only of what was removed."""
    with suppress(Unreadable, ValueError, KeyError, TypeError, AttributeError):
        detail = orjson.loads(row["detail"])
        unproven = detail["unproven"]
        held = tuple(
            Anchor(unit.clinic, int(number), bytes.fromhex(digest)) for number, digest in unproven["seals"].items()
        )
        return GivenUp(str(detail["master_key"]), moment(row["at"]), int(unproven["events"]), held)
    return None
