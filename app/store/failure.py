"""Which of a database's failures are the store being unavailable, and which are mistakes in this program."""

from __future__ import annotations

from asyncpg import InterfaceError as DriverMisused  # type: ignore[import-untyped]  # it has no types
from asyncpg import InternalClientError as DriverConfused
from asyncpg import PostgresError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import StoreUnavailable

# PostgreSQL's SQLSTATE classes: 08 connection, 40 rolled back, 53 out of disk, memory or connections, 55 locked,
# 57 stopped or cancelled, 58 system error, XX a failure of its own. 25006 is a standby that was not promoted, 42P01 and
# 42703 a schema that was not migrated, 3D000 a database that is not there, 28000 and 28P01 a role that may not come in.
_CLASSES = ("08", "40", "53", "55", "57", "58", "XX")
_STATES = frozenset({"25006", "42P01", "42703", "3D000", "28000", "28P01"})
ConstraintBroken = IntegrityError
"""What is to be stored refers to something that is not there, or to what may be there once is there already."""

_MISTAKES = (DataError, IntegrityError, ProgrammingError)


def as_intended(error: BaseException) -> BaseException:
    """StoreUnavailable for a database that is away, locked, full, damaged or not migrated; anything else as it is."""
    if not _is_unavailable(error):
        return error
    unavailable = StoreUnavailable("the database did not answer, or its schema is not the expected one")
    unavailable.__cause__ = error
    return unavailable


def _is_unavailable(error: BaseException) -> bool:
    # The driver's own reaches us as it is where rows are read a few at a time.
    if isinstance(error, (DBAPIError, PostgresError)) and (state := sqlstate(error)) is not None:
        return state[:2] in _CLASSES or state in _STATES
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError) or not isinstance(error, _MISTAKES)
    # What a driver raises before there is a connection, or when one breaks off in the middle, reaches us as it is.
    return isinstance(error, (PoolTimeout, OSError, TimeoutError, DriverMisused, DriverConfused))


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for the error, from whichever link of its chain has it."""
    link: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    while link is not None:
        state = getattr(link, "sqlstate", None)
        if isinstance(state, str):
            return state
        link = link.__cause__
    return None
