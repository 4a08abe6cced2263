"""Services under load while something is broken, and whether all that their clients were told is true afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, TypeVar

from tests.chaos.effort import CHAOS
from tests.postgres.cluster import Cluster, DatabaseUrls
from tests.processes.disks import SmallDisk
from tests.processes.load import Load
from tests.processes.proxy import Proxy
from tests.processes.service import RunningService
from tests.processes.site import Site, postgres_site, sqlite_site

CLIENTS: Final = 8 if CHAOS else 4
BETWEEN: Final = 12
"""Revisions that are stored between two breakages."""


@dataclass(slots=True)
class Trial:
    """Services of one site, running; whatever breaks them is a `Breakage`."""

    site: Site
    services: Sequence[RunningService]
    load: Load
    clock: Path
    """Seconds by which the services' clock is off."""
    random: Random = field(default_factory=lambda: Random(4))

    async def see_unavailable(self) -> None:
        """Wait until a client is answered 503."""
        before = self.load.record.statuses[503]
        await self.load.wait_until(lambda record: record.statuses[503] > before)

    async def find_faults(self) -> list[str]:
        """What is not as clients were told; what ended by itself, or does not end well when it is told to."""
        faults = [f"the service on port {each.port} ended" for each in self.services if not each.is_running()]
        if not faults:
            faults += await self.site.find_faults(self.load.record, self.services[0])
            codes = await asyncio.gather(*(asyncio.to_thread(each.stop) for each in self.services))
            faults += [f"a service that was stopped exits with {code}" for code in codes if code != 0]
        return faults + [f"a service wrote: {line}" for each in self.services for line in _find_complaints(each)]


@dataclass(slots=True)
class SqliteTrial(Trial):
    """One service over one file, which may lie on a disk that can be filled."""

    file: Path = field(kw_only=True)
    disk: SmallDisk | None = field(kw_only=True)


@dataclass(slots=True)
class PostgresTrial(Trial):
    """Services on one database, which they reach through a proxy."""

    cluster: Cluster = field(kw_only=True)
    database: str = field(kw_only=True)
    proxy: Proxy = field(kw_only=True)


AnyTrial = TypeVar("AnyTrial", bound=Trial)
Breakage = Callable[[AnyTrial], Awaitable[None]]
"""Breaks something and mends it again, under load. Its docstring says what it breaks."""


async def endure(trial: AnyTrial, breakages: Sequence[Breakage[AnyTrial]], rounds: int) -> list[str]:
    """Break one after the other, `rounds` times, while clients are at work; each time work has to go on afterwards.

    Answers the faults that are found then. TimeoutError when work did not go on.
    """
    async with trial.load.running(CLIENTS) as record:
        for _ in range(rounds):
            for breakage in breakages:
                try:
                    await trial.load.wait_for(BETWEEN)
                    await breakage(trial)
                    await trial.load.wait_for(BETWEEN)
                except BaseException as error:
                    error.add_note(f"when this was broken: {breakage.__doc__}")
                    error.add_note(f"clients saw {record.statuses}, {record.cuts} cuts, {record.surprises[:3]}")
                    raise
    return await trial.find_faults()


def _find_complaints(service: RunningService) -> list[str]:
    """What it logged as a mistake; that its store did not answer for a while is none."""
    lines = (line for line in service.said().splitlines() if '"level":"error"' in line or "Traceback" in line)
    return [line[:2_000] for line in lines if "store-unavailable" not in line and "StoreUnavailable" not in line]


@asynccontextmanager
async def sqlite_trial(
    file: Path, *, request_seconds: float, patience: float = 0.2, disk: SmallDisk | None = None
) -> AsyncIterator[SqliteTrial]:
    """A service over a migrated file, which works and logs beside it and waits `patience` seconds for a lock."""
    site = await asyncio.to_thread(sqlite_site, file, patience=patience)
    clock = file.parent / "clock"
    async with _running(site, 1, clock, request_seconds) as services:
        yield SqliteTrial(site, services, site.load(*services), clock, file=file, disk=disk)


@asynccontextmanager
async def postgres_trial(
    folder: Path, cluster: Cluster, urls: DatabaseUrls, *, request_seconds: float, services: int = 2
) -> AsyncIterator[PostgresTrial]:
    """Services on one migrated database of a cluster that may be broken."""
    async with Proxy(cluster.port) as proxy:
        site = await asyncio.to_thread(
            postgres_site, folder, proxy.through(urls.service), urls.owner, lambda sql: cluster.execute(sql, urls.name)
        )
        clock = folder / "clock"
        async with _running(site, services, clock, request_seconds) as running:
            yield PostgresTrial(
                site, running, site.load(*running), clock, cluster=cluster, database=urls.name, proxy=proxy
            )


@asynccontextmanager
async def _running(
    site: Site, count: int, clock: Path, request_seconds: float
) -> AsyncIterator[Sequence[RunningService]]:
    services = [
        site.service(
            {"REQUEST_SECONDS": str(request_seconds), "BODY_SECONDS": str(request_seconds)},
            ("-m", "tests.processes.clocked"),
            {"CLOCK_FILE": str(clock)},
        )
        for _ in range(count)
    ]
    async with AsyncExitStack() as stack:
        for service in services:
            stack.callback(service.kill)
        await asyncio.gather(*(asyncio.to_thread(service.start) for service in services))
        yield services
