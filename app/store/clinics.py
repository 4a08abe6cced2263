"""Clinics and their API keys. Whoever finds a clinic's keys here was bound to that clinic by the unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from app.models import api_keys, clinics
from app.store.records import ClinicRow, KeyRow
from app.store.unit import Unit

_THIS_CLINIC = clinics.c.clinic_id == bindparam("clinic")
_THIS_KEY = and_(api_keys.c.clinic_id == bindparam("clinic"), api_keys.c.key_id == bindparam("key"))
_FIND_CLINIC = select(clinics).where(_THIS_CLINIC)
_FIND_KEY = select(api_keys).where(_THIS_KEY)
_EVERY_KEY = (
    select(api_keys)
    .where(api_keys.c.clinic_id == bindparam("clinic"))
    .order_by(api_keys.c.created_at, api_keys.c.key_id)
)
_CHANGE_KEY = update(api_keys).where(_THIS_KEY)


def every_clinic(connection: Connection) -> list[ClinicRow]:
    """All clinics by id, as far as the role of the connection may see them: an owner all, the service none."""
    rows = connection.execute(select(clinics).order_by(clinics.c.clinic_id))
    return [ClinicRow(row.clinic_id, row.name, row.created_at) for row in rows]


def find_clinic(unit: Unit) -> ClinicRow | None:
    """The unit's clinic, if it was opened."""
    row = unit.connection.execute(_FIND_CLINIC, {"clinic": unit.clinic}).first()
    return None if row is None else ClinicRow(row.clinic_id, row.name, row.created_at)


def open_clinic(unit: Unit, name: str, at: datetime) -> None:
    """Add the unit's clinic. IntegrityError when it is there already."""
    unit.connection.execute(insert(clinics), {"clinic_id": unit.clinic, "name": name, "created_at": at})


def find_key(unit: Unit, key_id: str) -> KeyRow | None:
    """A key of the clinic; None for an id it never had."""
    row = unit.connection.execute(_FIND_KEY, {"clinic": unit.clinic, "key": key_id}).first()
    return None if row is None else _key(row)


def every_key(unit: Unit) -> Sequence[KeyRow]:
    """The clinic's keys, oldest first, revoked and expired ones too."""
    return [_key(row) for row in unit.connection.execute(_EVERY_KEY, {"clinic": unit.clinic})]


def add_key(unit: Unit, key: KeyRow) -> None:
    """Store a new key."""
    row = {name: getattr(key, name) for name in KeyRow.__slots__}
    unit.connection.execute(insert(api_keys), row | {"clinic_id": unit.clinic})


def change_key(unit: Unit, key_id: str, **columns: datetime | str | None) -> bool:
    """Set columns of a key, such as `revoked_at`; answers whether the clinic has such a key."""
    changed = unit.connection.execute(_CHANGE_KEY, {"clinic": unit.clinic, "key": key_id, **columns})
    return bool(changed.rowcount)


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(**{name: getattr(row, name) for name in KeyRow.__slots__})
