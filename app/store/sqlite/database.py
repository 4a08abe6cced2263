"""A SQLite file: one writer, a few readers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.errors import StoreUnavailable
from app.store.database import Database
from app.store.failure import as_intended
from app.store.protection import Keyring
from app.store.records import Added, NewConsultation, PoolState, Scrubbed
from app.store.sqlite.engine import open_readers, open_writer
from app.store.sqlite.scrubbing import empty_log
from app.store.sqlite.writer import MOST_TOGETHER, Writer
from app.store.unit import Unit
from app.store.whole_write import add_whole

READERS: Final = 4
"""Threads and connections that read; reading never waits for the writer."""

HELD_SECONDS: Final = 15.0
"""How long one caller may hold the writer: for so long a statement may take on PostgreSQL."""

P = ParamSpec("P")
T = TypeVar("T")


class SqliteDatabase(Database):
    """Writes go through one thread, reads through a few others."""

    def __init__(
        self,
        url: str,
        keyring: Keyring,
        most_together: int = MOST_TOGETHER,
        held_seconds: float | None = HELD_SECONDS,
    ) -> None:
        """Start the writer, which lets at most `most_together` writes share a commit. The file is never made here.

        What holds the writer for longer than `held_seconds` is ended, with None nothing is. StoreUnavailable when the
        URL does not name a SQLite file.
        """
        super().__init__(keyring)
        self._write_engine = open_writer(url)
        self._read_engine = open_readers(url, READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._writer = Writer(self._write_engine, most_together, held_seconds)

    async def write(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        return await self._writer.write(lambda connection: fn(self._unit(connection, clinic), *args, **kwargs))

    async def read(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        return await self.survey(lambda connection: fn(self._unit(connection, clinic), *args, **kwargs))

    async def add_consultation(self, clinic: str, new: NewConsultation) -> Added:
        """See `Database.add_consultation`: the statements one after the other, which in one process cost little."""
        return await self.write(clinic, add_whole, new, self._known)

    async def survey(self, fn: Callable[[Connection], T]) -> T:
        """See `Database.survey`."""
        try:
            reading = self._readers.submit(self._read, fn)
        except RuntimeError as error:
            raise StoreUnavailable("the store is closed") from error
        return await asyncio.wrap_future(reading)

    async def check_role(self) -> None:
        """See `Database.check_role`. Whoever can read the file reads all clinics: it serves one installation's own."""

    async def scrub(self) -> Scrubbed:
        """See `Database.scrub`."""
        return await self._writer.run_alone(empty_log)

    def pool_state(self) -> PoolState:
        """See `Database.pool_state`. The writer is one connection."""
        return PoolState(size=READERS + 1, queued=self._writer.waiting())

    async def close(self) -> None:
        """See `Database.close`."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._read_engine.dispose()
        self._write_engine.dispose()

    def _unit(self, connection: Connection, clinic: str) -> Unit:
        return Unit(connection, clinic, self.keyring)

    def _read(self, fn: Callable[[Connection], T]) -> T:
        try:
            with self._read_engine.begin() as connection:
                return fn(connection)
        except SQLAlchemyError as error:
            shown = as_intended(error)
            raise shown from shown.__cause__
