"""What is broken around a service over a SQLite file."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.chaos.trial import Breakage, SqliteTrial, Trial
from tests.processes.breaking import hold_file
from tests.processes.disks import limit_files

_HOURS: Final = 3_600


async def kill_the_service(trial: SqliteTrial) -> None:
    """the service, killed (SIGKILL)"""
    (service,) = trial.services
    await asyncio.to_thread(service.restart)


async def stop_a_service(trial: Trial) -> None:
    """a service, stopped in order (SIGTERM)"""
    service = trial.random.choice(trial.services)
    assert await asyncio.to_thread(service.stop) == 0
    await asyncio.to_thread(service.start)


async def halt_the_service(trial: SqliteTrial) -> None:
    """the service, halted for half a second (SIGSTOP)"""
    (service,) = trial.services
    service.halt()
    await asyncio.sleep(0.5)
    service.go_on()


async def hold_the_file(trial: SqliteTrial) -> None:
    """the file, held by another process"""
    with hold_file(trial.file):
        await trial.see_unavailable()


async def limit_the_file(trial: SqliteTrial) -> None:
    """the disk, full (no file may grow)"""
    log = trial.file.with_name(f"{trial.file.name}-wal")
    with limit_files(lambda: [each.pid for each in trial.services], log.stat().st_size):
        await trial.see_unavailable()


async def fill_the_disk(trial: SqliteTrial) -> None:
    """the disk, full (not a byte is free)"""
    assert trial.disk is not None
    with trial.disk.full():
        await trial.see_unavailable()


async def step_the_clock_back(trial: Trial) -> None:
    """the clock, stepped back by hours"""
    before = float(trial.clock.read_text()) if trial.clock.exists() else 0.0
    trial.clock.write_text(str(before - trial.random.uniform(1, 12) * _HOURS))


SQLITE_BREAKAGES: Final[tuple[Breakage[SqliteTrial], ...]] = (
    kill_the_service,
    stop_a_service,
    halt_the_service,
    hold_the_file,
    limit_the_file,
    fill_the_disk,
    step_the_clock_back,
)
