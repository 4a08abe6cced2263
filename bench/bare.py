"""Bare writers: SQLAlchemy Core inserting the same rows as the service, a commit for each consultation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from time import perf_counter

import uvloop
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.models import LOCAL_CLINIC
from app.store import Unit, keep_snapshot, migrate
from app.store.postgres.engine import POOL
from app.store.sqlite.engine import open_writer
from app.triage import Rulebook
from bench.inserts import KEYRING, Rows, add_patient, insert_rows
from tests.postgres.cluster import Cluster, DatabaseUrls


class SqliteBare:
    """One thread, one connection, the service's own pragmas."""

    def __init__(self, file: Path, rulebook: Rulebook) -> None:
        url = f"sqlite:///{file}"
        migrate(url, KEYRING)
        self._engine = open_writer(url)
        self._known: set[int] = set()
        with self._engine.begin() as connection:
            _keep(connection, rulebook)

    def write(self, rows: Rows) -> str:
        """Insert and commit one consultation; answers its id."""
        if id(rows) not in self._known:
            with self._engine.begin() as connection:
                add_patient(connection, rows)
            self._known.add(id(rows))
        with self._engine.begin() as connection:
            return insert_rows(connection, rows)

    def rate(self, rows: Sequence[Rows], requests: int) -> float:
        """Consultations a second."""
        begun = perf_counter()
        for number in range(requests):
            self.write(rows[number % len(rows)])
        return requests / (perf_counter() - begun)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


class PostgresBare:
    """As many tasks as the service has clients, over a pool of the service's size, as the owner of the tables."""

    def __init__(self, urls: DatabaseUrls, rulebook: Rulebook, rows: Sequence[Rows]) -> None:
        migrate(urls.owner, KEYRING)
        self._url = urls.owner.replace("postgresql://", "postgresql+asyncpg://")
        self._rows = rows
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._prepare(rulebook))

    def rate(self, requests: int, clients: int) -> float:
        """Consultations a second."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(self._rate(requests, clients))

    async def _prepare(self, rulebook: Rulebook) -> None:
        engine = create_async_engine(self._url)
        async with engine.begin() as connection:
            await connection.run_sync(_keep, rulebook)
            for rows in self._rows:
                await connection.run_sync(add_patient, rows)
        await engine.dispose()

    async def _rate(self, requests: int, clients: int) -> float:
        engine = create_async_engine(self._url, pool_size=POOL, max_overflow=0)
        await asyncio.gather(*(self._greet(engine) for _ in range(POOL)))
        numbers = count()

        async def write_on() -> None:
            while (number := next(numbers)) < requests:
                async with engine.begin() as connection:
                    await connection.run_sync(insert_rows, self._rows[number % len(self._rows)])

        begun = perf_counter()
        await asyncio.gather(*(write_on() for _ in range(clients)))
        spent = perf_counter() - begun
        await engine.dispose()
        return requests / spent

    async def _greet(self, engine: AsyncEngine) -> None:
        """Open a connection of the pool before the clock runs."""
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))


def open_cluster() -> Cluster:
    """A server that loses nothing, as one for real use is set: with fsync and full pages."""
    return Cluster({"max_wal_size": "4GB"}, durable=True)


def _keep(connection: Connection, rulebook: Rulebook) -> None:
    keep_snapshot(Unit(connection, LOCAL_CLINIC, KEYRING), rulebook.digest, rulebook.version, rulebook.files)
