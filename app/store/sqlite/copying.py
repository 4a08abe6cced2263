"""A copy of a SQLite database as it is at one moment, made while others go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.errors import StoreUnavailable
from app.store.failure import as_intended
from app.store.sqlite.engine import open_readers

_PAGES: Final = 2_048
"""Copied at a time, 8 MiB; between two of them it is told how far it has come."""


def copy_database(url: str, to: Path, tell: Callable[[int, int], None]) -> None:
    """Copy the file that the URL names into `to`, an empty file, and read the copy once to see that it is sound.

    The one writer is not held up. `tell` is called with the pages done, and with how many there are.
    StoreUnavailable when the database cannot be read, or the copy not be finished, or either has faults.
    """
    engine = open_readers(url, 1)
    try:
        with engine.begin() as connection:
            _copy(connection, to, tell)
    except SQLAlchemyError as error:
        shown = as_intended(error)
        raise shown from shown.__cause__
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the copy could not be finished: {error}") from error
    finally:
        engine.dispose()


def _copy(connection: Connection, to: Path, tell: Callable[[int, int], None]) -> None:
    # A transaction that has read sees the same pages to its end. Without one, every write of somebody else would make
    # the copy begin again, and under load it would never end.
    connection.exec_driver_sql("SELECT 1 FROM sqlite_schema")
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)  # noqa: S101 - the engine makes no other
    with closing(sqlite3.connect(to, isolation_level=None)) as copy:
        source.backup(copy, pages=_PAGES, progress=lambda _, left, total: tell(total - left, total))
        faults = [row[0] for row in copy.execute("PRAGMA quick_check")]
    if faults != ["ok"]:
        raise StoreUnavailable("the copy has faults, and so has the database: restore an earlier backup")
