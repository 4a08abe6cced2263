"""SQLite engines: how a connection is prepared and how its transactions begin."""

from __future__ import annotations

import os
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import StoreUnavailable

BUSY_SECONDS = 5.0
"""How long a connection waits for another process's write (a migration, a backup) before it gives up.

A database's URL may say otherwise: `sqlite:///path.db?timeout=30`.
"""

_MIGRATION_SECONDS = 3_600.0
"""How long a migration waits for another one, which may be sealing a million rows."""

# What is deleted is overwritten with zeros: an erased patient's key is not to be found in a free page.
_WRITER = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "recursive_triggers=ON")
_READER = ("query_only=ON",)
# No foreign keys while tables are rebuilt: dropping the old copy of a table would empty the ones that point at it.
_MIGRATOR = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "secure_delete=ON")


class DatabaseMissing(StoreUnavailable):
    """There is no such file."""


def open_writer(url: str) -> Engine:
    """One connection that takes the write lock when a transaction begins, so that it cannot fail half-way."""
    return _engine(url, connections=1, begin="BEGIN IMMEDIATE", pragmas=_WRITER)


def open_readers(url: str, connections: int) -> Engine:
    """Connections that cannot write; each transaction sees the database as it was when it first read."""
    return _engine(url, connections=connections, begin="BEGIN", pragmas=_READER)


def open_migrator(url: str) -> Engine:
    """One connection for migrations, which may make the file; two processes that migrate at once take turns."""
    return _engine(
        url, connections=1, begin="BEGIN IMMEDIATE", pragmas=_MIGRATOR, makes=True, patience=_MIGRATION_SECONDS
    )


def _engine(
    url: str,
    *,
    connections: int,
    begin: str,
    pragmas: tuple[str, ...],
    makes: bool = False,
    patience: float = BUSY_SECONDS,
) -> Engine:
    parsed = _sqlite_file(url)
    engine = create_engine(
        parsed,
        pool_size=connections,
        max_overflow=0,
        connect_args={} if "timeout" in parsed.query else {"timeout": patience},
        hide_parameters=True,  # an exception's text reaches logs, and parameters are patients' data
    )

    def look(_: Dialect, __: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]) -> None:
        # SQLite makes an empty file of a name that it does not know, and an empty database hides a wrong path.
        if not options.get("uri"):
            _check_file(Path(arguments[0]), makes=makes)
            if makes:  # readable for its owner alone, whatever the umask; what it holds is sealed all the same
                os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT, 0o600))

    def prepare(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions leave SAVEPOINT, SELECT and DDL outside; SQLAlchemy's documented way
        # is to switch them off and send BEGIN ourselves.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "do_connect", look)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _check_file(file: Path, *, makes: bool) -> None:
    """StoreUnavailable for a file that is not there; with `makes`, for a folder that is not there to make it in."""
    if not makes and not file.exists():
        raise DatabaseMissing("there is no database file yet: run `spine-triage migrate`")
    if makes and not file.parent.is_dir():
        raise StoreUnavailable(f"there is no folder {file.parent.absolute()} to make the database in")


def _sqlite_file(url: str) -> URL:
    """The parsed URL of a database file; StoreUnavailable for anything else, without repeating a URL's password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the latter for a port that is no number
        raise StoreUnavailable("the database's URL cannot be read; it should look like sqlite:///path.db") from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreUnavailable(f"{parsed.drivername} is not a SQLite URL; that would begin with sqlite:///")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreUnavailable("the database must be a file, since several connections share it: sqlite:///path.db")
    return parsed
