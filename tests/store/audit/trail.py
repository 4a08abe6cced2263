"""An audit to be tried: written as the service does, and tampered with as whoever owns the database's server can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import Event, Keyring, Unit, add_event, make_master_key, open_database, read_keyring
from app.store.audit import Anchor, Finding, Sealing, Verdict, seal_events, verify
from app.store.postgres.engine import open_engine
from app.store.sqlite.engine import open_migrator
from tests.stores import FIRST_MOMENT

T = TypeVar("T")

OLD_KEY, NEW_KEY = make_master_key("k1"), make_master_key("k2")
OLD: Final = read_keyring(OLD_KEY)
BOTH: Final = read_keyring(f"{NEW_KEY},{OLD_KEY}")
NEW: Final = read_keyring(NEW_KEY)


class Trail:
    """One database with many clinics' audits; a new clinic for each example."""

    def __init__(self, service_url: str, superuser_url: str, *, postgres: bool) -> None:
        self.is_postgres = postgres
        self._runner = asyncio.Runner()
        self._database = open_database(service_url, OLD)
        self._server: AsyncEngine | None = open_engine(superuser_url, 1, patient=True) if postgres else None
        self._file = None if postgres else open_migrator(superuser_url)
        if self._file is not None:
            self.tamper(_drop_triggers)
        self._numbers = count(1)
        self._minutes = count(1)

    def new_clinic(self) -> str:
        return f"clinic-{next(self._numbers)}"

    def now(self) -> datetime:
        return FIRST_MOMENT + timedelta(minutes=next(self._minutes))

    def add(self, clinic: str, events: int, keyring: Keyring = OLD) -> None:
        def write(unit: Unit) -> None:
            for number in range(events):
                told = Event(
                    "note.read",
                    "done",
                    "api_key",
                    "front-desk",
                    target=f"consultations/1/notes/{number}" if number % 2 else None,
                    address="127.0.0.1",
                    detail={"number": number} if number % 3 else None,
                )
                add_event(replace(unit, keyring=keyring), told, self.now())

        self._runner.run(self._database.write(clinic, write))

    def seal(self, clinic: str, keyring: Keyring = OLD) -> Sealing:
        def write(unit: Unit) -> Sealing:
            return seal_events(replace(unit, keyring=keyring), self.now(), everything=True)

        return self._runner.run(self._database.write(clinic, write))

    def write(self, clinic: str, fn: Callable[[Unit], T]) -> T:
        """Run `fn` as the service would, with the old key unless it takes another."""
        return self._runner.run(self._database.write(clinic, fn))

    def verify(
        self, clinic: str, keyring: Keyring = OLD, anchors: Collection[Anchor] = ()
    ) -> tuple[Verdict, list[Finding]]:
        found: list[Finding] = []

        def read(unit: Unit) -> Verdict:
            return verify(replace(unit, keyring=keyring), found.append, anchors=anchors)

        verdict = self._runner.run(self._database.read(clinic, read))
        assert verdict.findings == len(found)
        return verdict, found

    def tamper(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction that nothing holds: no role, no trigger, no foreign key."""
        if self._file is not None:
            with self._file.begin() as connection:
                return fn(connection)
        return self._runner.run(self._tamper(fn))

    def close(self) -> None:
        self._runner.run(self._database.close())
        if self._file is not None:
            self._file.dispose()
        if self._server is not None:
            self._runner.run(self._server.dispose())
        self._runner.close()

    async def _tamper(self, fn: Callable[[Connection], T]) -> T:
        assert self._server is not None
        async with self._server.begin() as connection:
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            return await connection.run_sync(fn)


def _drop_triggers(connection: Connection) -> None:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")
    names = list(found.scalars())
    assert names
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
