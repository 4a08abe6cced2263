"""What is sealed under which master key, and whether those that are given open it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, Select, Table, bindparam, func, select

from app.errors import Damaged, KeysMissing
from app.models import audit_events, kept_notes, patients, receipts
from app.store.audit import newest_seal
from app.store.audit.sealing import UNSEALED
from app.store.judged import KEY_COLUMNS, key_in
from app.store.patients.kept import open_kept
from app.store.unit import Unit

_TRIED: Final = 5
"""Kept notes that are opened to see whether a key is the right one: a damaged one alone does not say that."""

_HERE = patients.c.clinic_id == bindparam("clinic")
_PATIENTS = select(patients.c.master_key, func.count()).where(_HERE).group_by(patients.c.master_key)
_ONE_PATIENT = select(*KEY_COLUMNS).where(_HERE, patients.c.master_key == bindparam("master_key")).limit(1)
_RECEIPTS = (
    select(receipts.c.master_key, func.count())
    .where(receipts.c.clinic_id == bindparam("clinic"))
    .group_by(receipts.c.master_key)
)
_KEPT = (
    select(kept_notes.c.master_key, func.count())
    .where(kept_notes.c.clinic_id == bindparam("clinic"))
    .group_by(kept_notes.c.master_key)
)
_SOME_KEPT = (
    select(kept_notes)
    .where(kept_notes.c.clinic_id == bindparam("clinic"), kept_notes.c.master_key == bindparam("master_key"))
    .limit(_TRIED)
)
_UNSEALED = UNSEALED.with_only_columns(audit_events.c.master_key, func.count()).group_by(audit_events.c.master_key)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How much still needs each master key, by its id; a key that nothing needs is not named."""

    patients: dict[str, int] = field(default_factory=dict)
    """Patients whose keys it wraps."""
    kept: dict[str, int] = field(default_factory=dict)
    """Notes that stay without identity."""
    receipts: dict[str, int] = field(default_factory=dict)
    """Receipts of Idempotency-Keys: without it a retry is not told from a new request."""
    unsealed: dict[str, int] = field(default_factory=dict)
    """Audit events that only this key authenticates yet, because no seal covers them."""
    seals: dict[str, int] = field(default_factory=dict)
    """The newest seal of a clinic, if an older key made it: the next one, under the current key, will speak for it."""


def count_key_use(unit: Unit) -> KeyUse:
    """How much of the clinic needs each master key. The newest seal speaks for all before it, so its key is needed."""
    newest = newest_seal(unit)
    return KeyUse(
        patients=_by_key(unit, _PATIENTS),
        kept=_by_key(unit, _KEPT),
        receipts=_by_key(unit, _RECEIPTS),
        unsealed=_by_key(unit, _UNSEALED),
        seals={} if newest is None or newest.master_key == unit.keyring.current.key_id else {newest.master_key: 1},
    )


def add_up(uses: Iterable[KeyUse]) -> KeyUse:
    """The use of several clinics together."""
    total = KeyUse()
    for use in uses:
        for name in KeyUse.__slots__:
            sums: dict[str, int] = getattr(total, name)
            for key_id, count in getattr(use, name).items():
                sums[key_id] = sums.get(key_id, 0) + count
    return total


def check_ring(unit: Unit) -> None:
    """KeysMissing when a patient of the clinic needs a master key that is not on the ring.

    Without that key a reference does not find them, which is not the same as that there is nobody, or nobody more.
    """
    _check_ring(unit, _PATIENTS_KEYS)


def check_patients_keys(unit: Unit) -> None:
    """As `check_ring`, and also when a patient's key does not open with the master key of its id."""
    check_ring(unit)
    for key in unit.keyring.keys:
        row = unit.connection.execute(_ONE_PATIENT, {"clinic": unit.clinic, "master_key": key.key_id}).first()
        if row is not None:
            key_in(unit, row)


def check_keys(unit: Unit) -> None:
    """KeysMissing when something of the clinic needs a master key that is not on the ring, or is not the same one."""
    check_patients_keys(unit)
    _check_ring(unit, _KEPT_KEYS)
    for key in unit.keyring.keys:
        some = unit.connection.execute(_SOME_KEPT, {"clinic": unit.clinic, "master_key": key.key_id}).all()
        if some and not any(_opens(unit, row) for row in some):
            raise KeysMissing(
                f"kept notes do not open with the master key {key.key_id}: another had that id, or they were changed"
            )


def _keys_used(table: Table) -> Select[str]:
    """The master keys that rows of the clinic lie under, each found in the index from the one before it.

    DISTINCT, or a search for others than those on the ring, would read every row of the clinic.
    """
    here = table.c.clinic_id == bindparam("clinic")
    used = select(func.min(table.c.master_key).label("key_id")).where(here).cte("used", recursive=True)
    following = select(func.min(table.c.master_key)).where(here, table.c.master_key > used.c.key_id).scalar_subquery()
    used = used.union_all(select(following).where(used.c.key_id.is_not(None)))
    return select(used.c.key_id).where(used.c.key_id.is_not(None))


_PATIENTS_KEYS = _keys_used(patients)
_KEPT_KEYS = _keys_used(kept_notes)


def _check_ring(unit: Unit, keys: Select[str]) -> None:
    for key_id in unit.connection.execute(keys, {"clinic": unit.clinic}).scalars().all():
        unit.keyring.key(key_id)


def _opens(unit: Unit, row: Row[*tuple[Any, ...]]) -> bool:
    try:
        open_kept(unit, row)
    except Damaged:
        return False
    return True


def _by_key(unit: Unit, counting: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in unit.connection.execute(counting, {"clinic": unit.clinic})}
