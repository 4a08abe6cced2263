"""Which of a database's failures are the store being unavailable, and which are mistakes in this program."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import StoreUnavailable


def as_intended(error: Exception) -> Exception:
    """StoreUnavailable for a database that is locked, full, damaged or not migrated; anything else as it is."""
    mistakes = (DataError, IntegrityError, ProgrammingError)
    if isinstance(error, mistakes) or not isinstance(error, (DBAPIError, PoolTimeout)):
        return error
    unavailable = StoreUnavailable("the database did not answer, or its schema is not the expected one")
    unavailable.__cause__ = error
    return unavailable
