"""What every table shares: names of constraints, the clinic in front of every key, and moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LOCAL_CLINIC = "local"
"""The clinic that every installation begins with, and the only one where no other is opened."""

ID_LENGTH = 36
"""Characters in a consultation's id: a UUID as text."""

KEY_ID_LENGTH = 32
"""Characters in the id of a master key."""

DIGEST_LENGTH = 64
"""Characters in a SHA-256 digest as hexadecimal text."""

# Without names of our own, a later migration could not drop a constraint on every database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, stored in UTC and read back as UTC; a naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Bring the moment to UTC, so that SQLite's text sorts as time does."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Give back the zone that SQLite does not keep."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def clinic_column() -> Column[str]:
    """The first part of every primary key, so that a clinic's rows can be placed together."""
    return Column("clinic_id", String(64), primary_key=True)
