"""One installation of the service: a database that is migrated, its master keys, and a key for those who call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.access import Scope
from app.models import LOCAL_CLINIC
from app.services.keys.clinics import create_key
from app.store import open_database, read_keyring
from tests.processes.load import Load
from tests.processes.record import Record
from tests.processes.service import RunningService
from tests.processes.verdict import CHECKS, Rows, find_faults, read_sqlite
from tests.stores import MASTER_KEYS

_SETTINGS = {
    "MASTER_KEYS": MASTER_KEYS,
    "AUDIT_SEAL_SECONDS": "0.5",  # so that sealing is at work whenever something breaks
    "RATE_PER_MINUTE": "0",  # whoever breaks things wants to see what breaks, not that there are many who ask
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where services work, and what the raw database says.

    `settings` are a service's, without the prefix; `key` is an API key with every scope.
    """

    folder: Path
    settings: Mapping[str, str]
    key: str
    rows: Rows
    headers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", {"Authorization": f"Bearer {self.key}"})

    def service(
        self,
        settings: Mapping[str, str] | None = None,
        program: Sequence[str] = ("-m", "app.main"),
        variables: Mapping[str, str] | None = None,
    ) -> RunningService:
        """A service of this installation, not yet started; `settings` go before the installation's."""
        return RunningService(self.folder, {**self.settings, **(settings or {})}, program, variables)

    def load(self, *services: RunningService, seed: int = 0) -> Load:
        """Clients of these services, not yet at work."""
        return Load([service.address for service in services], self.headers, seed)

    async def find_faults(
        self, record: Record, service: RunningService, checks: Sequence[Sequence[str]] = CHECKS, *, keys: bool = True
    ) -> list[str]:
        """See `verdict.find_faults`."""
        return await find_faults(record, service, self.rows, self.headers, checks, keys=keys)


def sqlite_site(file: Path, *, patience: float = 0.2) -> Site:
    """Over a migrated database file; works in its folder. A service waits `patience` seconds for a lock."""
    settings = {"DATABASE_URL": f"sqlite:///{file}?timeout={patience}"}
    return Site(file.parent, _SETTINGS | settings, make_key(f"sqlite:///{file}"), read_sqlite(file))


def postgres_site(folder: Path, service: str, owner: str, rows: Rows) -> Site:
    """Over a migrated database, by the URLs of its two roles."""
    settings = {"DATABASE_URL": service, "OWNER_DATABASE_URL": owner}
    return Site(folder, _SETTINGS | settings, make_key(owner), rows)


def make_key(owner_url: str) -> str:
    """A new API key of the local clinic, with every scope."""

    async def make() -> str:
        database = open_database(owner_url, read_keyring(MASTER_KEYS))
        try:
            now = datetime.now(UTC)
            return (await create_key(database, LOCAL_CLINIC, "load", frozenset(Scope), now, None)).text
        finally:
            await database.close()

    return asyncio.run(make())
