"""What is broken around two services on one PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack
from typing import Final

from tests.chaos.sqlite_breakages import step_the_clock_back, stop_a_service
from tests.chaos.trial import BETWEEN, Breakage, PostgresTrial
from tests.processes.breaking import hold_tables, terminate_connections
from tests.processes.disks import limit_files

# Not for ever: it may be that at this moment nobody was about to commit anything.
_UNTIL_MORE_RECEIPTS = """
DO $$
DECLARE known bigint := (SELECT count(*) FROM receipts);
BEGIN
    FOR attempt IN 1..100 LOOP
        EXIT WHEN (SELECT count(*) FROM receipts) > known;
        PERFORM pg_sleep(0.005);
    END LOOP;
END $$
"""


async def kill_a_service(trial: PostgresTrial) -> None:
    """one of two services, killed (SIGKILL)"""
    service = trial.random.choice(trial.services)
    service.kill()
    await trial.load.wait_for(BETWEEN)
    await asyncio.to_thread(service.start)


async def kill_the_database(trial: PostgresTrial) -> None:
    """the database, killed (SIGKILL)"""
    await asyncio.to_thread(trial.cluster.kill)
    await trial.see_unavailable()
    await asyncio.to_thread(trial.cluster.start)


async def restart_the_database(trial: PostgresTrial) -> None:
    """the database, restarted in order"""
    await asyncio.to_thread(trial.cluster.restart)


async def end_connections(trial: PostgresTrial) -> None:
    """connections, ended by the database"""
    assert await asyncio.to_thread(terminate_connections, trial.cluster, trial.database) > 0


async def cut_connections(trial: PostgresTrial) -> None:
    """connections, cut on their way"""
    trial.proxy.cut()
    await trial.see_unavailable()


async def lose_answers(trial: PostgresTrial) -> None:
    """answers, lost on their way: commits that nobody heard of"""
    trial.proxy.hold(answers_only=True)
    await asyncio.to_thread(trial.cluster.execute, _UNTIL_MORE_RECEIPTS, trial.database)
    trial.proxy.cut()
    trial.proxy.release()
    await trial.see_unavailable()


async def silence_the_way(trial: PostgresTrial) -> None:
    """the way to the database, silent"""
    trial.proxy.hold()
    await trial.see_unavailable()
    trial.proxy.release()


async def halt_the_database(trial: PostgresTrial) -> None:
    """the database, halted (SIGSTOP)"""
    trial.cluster.signal_all(signal.SIGSTOP)
    await trial.see_unavailable()
    trial.cluster.signal_all(signal.SIGCONT)


async def slow_the_way(trial: PostgresTrial) -> None:
    """the way to the database, slow (0.05 s each way)"""
    trial.proxy.delay = 0.05
    await trial.load.wait_for(BETWEEN)
    trial.proxy.delay = 0.0


async def hold_a_table(trial: PostgresTrial) -> None:
    """a table, locked by somebody else"""
    with ExitStack() as stack:
        # In a thread: it waits for transactions whose next statement has yet to come through the proxy. One table, that
        # every request writes to; for two it might wait crosswise with one of them.
        holder = hold_tables(trial.cluster, trial.database, "audit_events")
        await asyncio.to_thread(stack.enter_context, holder)
        await trial.see_unavailable()


async def limit_the_database(trial: PostgresTrial) -> None:
    """the disk, full (no file may grow; the database gives up)"""
    with limit_files(trial.cluster.processes, 8_192, trial.cluster.account):
        await trial.see_unavailable()
        await asyncio.to_thread(trial.cluster.kill)
    await asyncio.to_thread(trial.cluster.start)


TESTED_ALONE: Final[tuple[Breakage[PostgresTrial], ...]] = (stop_a_service, halt_the_database)
"""What tests of their own do in every run."""

POSTGRES_BREAKAGES: Final[tuple[Breakage[PostgresTrial], ...]] = (
    kill_a_service,
    stop_a_service,
    kill_the_database,
    restart_the_database,
    end_connections,
    cut_connections,
    lose_answers,
    silence_the_way,
    halt_the_database,
    slow_the_way,
    hold_a_table,
    limit_the_database,
    step_the_clock_back,
)
