"""PostgreSQL engines: how a connection is made, and how long it may wait."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.errors import StoreUnavailable

POOL: Final = 16
"""Connections that a process keeps; beyond that callers wait."""

WAIT_SECONDS: Final = 5.0
"""How long a caller waits for a connection, and a new connection for its server."""

_STATEMENT: Final = "15s"
_LOCK: Final = "5s"
_IDLE: Final = "30s"
_ANSWER_SECONDS: Final = 20.0
"""A server that says nothing for longer is taken for gone, even if its own limits did not end the statement."""

_PARAMETERS: Final = frozenset({"host", "port", "passfile", "ssl", "target_session_attrs"})
"""What may follow the ? of a URL, in asyncpg's words; libpq's `sslmode` is understood as `ssl`."""

_DRIVERS = ("postgresql", "postgres", "postgresql+asyncpg")


def is_postgres(url: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return url.partition(":")[0] in _DRIVERS


def open_engine(url: str, pool: int = POOL, *, patient: bool = False) -> AsyncEngine:
    """An engine for the URL. A `patient` one, for migrations and owners' commands, has no limits on its statements.

    StoreUnavailable when the URL cannot be read; the message never repeats it.
    """
    limits = {} if patient else {"statement_timeout": _STATEMENT, "lock_timeout": _LOCK}
    engine = create_async_engine(
        _asyncpg(url),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        # One moment of the past at a time, where a transaction reads more than once, is chosen in `database`.
        connect_args={
            "timeout": WAIT_SECONDS,
            "command_timeout": None if patient else _ANSWER_SECONDS,
            "server_settings": {
                "application_name": "spine-triage",
                "idle_in_transaction_session_timeout": "0" if patient else _IDLE,
                "timezone": "UTC",
                "jit": "off",  # compiling a query of a millisecond takes longer than running it
                **limits,
            },
        },
        hide_parameters=True,  # an exception's text reaches logs, and parameters are patients' data
    )
    event.listen(engine.sync_engine, "checkout", _look_whether_open)
    return engine


def _look_whether_open(connection: Any, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
    """What the server closed while it lay in the pool is replaced before somebody uses it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _asyncpg(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the latter for a port that is no number
        raise StoreUnavailable(
            "the database's URL cannot be read; it should look like postgresql://user@host/name"
        ) from error
    if parsed.drivername not in _DRIVERS or not parsed.database:
        raise StoreUnavailable("the database's URL should look like postgresql://user@host/name or sqlite:///path.db")
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
    if unknown := sorted(query.keys() - _PARAMETERS):
        raise StoreUnavailable(
            f"the database's URL has the parameter {unknown[0]}; possible: {', '.join(sorted(_PARAMETERS))}"
        )
    return parsed.set(drivername="postgresql+asyncpg", query=query)
