"""Rows of the audit as they are stored, whatever somebody may have written into them, and codes that tell."""

from __future__ import annotations

import hmac
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, Table, Text, cast, text, type_coerce
from sqlalchemy.types import NullType

from app.errors import KeysMissing
from app.models import UtcDateTime
from app.store.protection import Keyring
from app.store.unit import Unit

_AT_A_TIME: Final = 500
_PLAIN_MOMENTS: Final = text("SELECT set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true)")


class Unreadable(Exception):
    """A value that was never written here."""


@contextmanager
def reading_anything(unit: Unit) -> Generator[None]:
    """Within it, rows that no driver would read as what their columns say can be read by `stored_rows`."""
    if unit.connection.dialect.name == "postgresql":
        unit.connection.execute(_PLAIN_MOMENTS)
        yield
        return
    driver: Any = unit.connection.connection.driver_connection
    before, driver.text_factory = driver.text_factory, _decode
    try:
        yield
    finally:
        driver.text_factory = before


def stored_columns(table: Table, prefix: str = "") -> list[ColumnElement[Any]]:
    """All columns as they are stored, moments as text: SQLite keeps anything anywhere, PostgreSQL the year 20000."""
    return [_stored(column).label(prefix + column.name) for column in table.columns]


def stored_rows(unit: Unit, statement: Select[*tuple[Any, ...]], **parameters: Any) -> Generator[dict[str, Any]]:
    """The rows of a statement over the unit's clinic, a few held at a time. Close it if it is not read to its end."""
    options = {"yield_per": _AT_A_TIME}
    with unit.connection.execute(statement, {"clinic": unit.clinic, **parameters}, execution_options=options) as rows:
        for row in rows.mappings():
            yield {str(name): value for name, value in row.items()}


def moment(value: object) -> datetime:
    """A stored moment in UTC. Unreadable."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable from error


def binary(value: object) -> bytes:
    """Stored bytes. Unreadable."""
    if not isinstance(value, bytes):
        raise Unreadable
    return value


def word(value: object) -> str:
    """A stored id, of a clinic or a key. Unreadable."""
    if not isinstance(value, str) or not value.isascii():
        raise Unreadable
    return value


def number(value: object) -> int:
    """A stored whole number. Unreadable."""
    if not isinstance(value, int):
        raise Unreadable
    return value


def make_code(keyring: Keyring, told: bytes) -> bytes:
    """32 bytes that only who has the current master key can make of `told`."""
    return hmac.digest(keyring.current.auditing, told, "sha256")


def check_code(keyring: Keyring, key_id: str, told: bytes, code: bytes) -> bool | None:
    """Whether the code was made of `told` under the key; None when that key is not on the ring."""
    try:
        key = keyring.key(key_id)
    except KeysMissing:
        return None
    return hmac.compare_digest(code, hmac.digest(key.auditing, told, "sha256"))


def _stored(column: Column[Any]) -> ColumnElement[Any]:
    return cast(column, Text) if isinstance(column.type, UtcDateTime) else type_coerce(column, NullType())


def _decode(text: bytes) -> str:
    return text.decode(errors="surrogateescape")
