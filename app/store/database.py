"""The database: one writer, a few readers, and whether its schema is the expected one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.errors import StoreUnavailable
from app.store.engine import open_readers, open_writer
from app.store.failure import as_intended
from app.store.migration import current_revision, expected_revision
from app.store.writer import MOST_TOGETHER, Writer

READERS: Final = 4
"""Threads and connections that read; reading never waits for the writer."""

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Runs functions over a connection, each in one transaction. Open one for the life of the process.

    A function gets the connection first, then the arguments it was passed with, and returns plain values:
    a result that still reads from the connection is of no use once the transaction has ended.
    """

    def __init__(self, url: str, most_together: int = MOST_TOGETHER) -> None:
        """Start the writer, which lets at most `most_together` writes share a commit. Prefer `open`."""
        self._write_engine = open_writer(url)
        self._read_engine = open_readers(url, READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._writer = Writer(self._write_engine, most_together)

    @classmethod
    def open(cls, url: str) -> Database:
        """A database file by its URL (`sqlite:///path.db`), which need not exist yet: see `check`. It is never made.

        StoreUnavailable when the URL does not name a SQLite file.
        """
        return cls(url)

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, ...)` in one transaction on the writer; it is committed before this returns.

        Whatever `fn` raises undoes its changes, and only its changes, and is raised here.
        StoreUnavailable when the database did not answer or could not commit.
        """
        return await self._writer.write(lambda connection: fn(connection, *args, **kwargs))

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, ...)` on a connection that cannot write; all it reads is of one moment.

        StoreUnavailable when the database did not answer.
        """
        try:
            reading = self._readers.submit(self._read, lambda connection: fn(connection, *args, **kwargs))
        except RuntimeError as error:
            raise StoreUnavailable("the store is closed") from error
        return await asyncio.wrap_future(reading)

    async def check(self) -> None:
        """StoreUnavailable unless the database answers and its schema is the one this program was written for."""
        found, expected = await self.read(current_revision), expected_revision()
        if found != expected:
            raise StoreUnavailable(
                f"the database's schema is {found or 'empty'}, not {expected}: run `spine-triage migrate`"
            )

    async def close(self) -> None:
        """Finish the writes and reads under way, then let go of the file. Closing twice is harmless."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._read_engine.dispose()
        self._write_engine.dispose()

    def _read(self, fn: Callable[[Connection], T]) -> T:
        try:
            with self._read_engine.begin() as connection:
                return fn(connection)
        except SQLAlchemyError as error:
            shown = as_intended(error)
            raise shown from shown.__cause__
