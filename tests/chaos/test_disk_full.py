"""The disk of a real database without a free byte, under load; the logs of the services lie there too."""

from __future__ import annotations

import asyncio

import pytest

from app.store import migrate
from tests.chaos.effort import CHAOS, times
from tests.chaos.figures import Figures
from tests.chaos.trial import PostgresTrial, endure, postgres_trial
from tests.postgres.cluster import Cluster
from tests.processes.disks import SmallDisk
from tests.stores import KEYRING


@pytest.mark.skipif(not CHAOS, reason="takes a server of its own; a long run does it")
async def test_nothing_is_lost_doubled_or_half_written_when_the_database_s_disk_is_full(
    disk: SmallDisk, figures: Figures
) -> None:
    if not disk.mounted:
        pytest.skip("nothing can be mounted here; files that may not grow are tried all the same")

    async def fill_the_disk(trial: PostgresTrial) -> None:
        """the disk, full (not a byte is free)"""
        with disk.full():
            await trial.see_unavailable()
        # Where its log of writes found no room, it has given up.
        await asyncio.to_thread(trial.cluster.restart)

    with Cluster(durable=True, within=disk.folder) as cluster:
        urls = cluster.make_database()
        migrate(urls.owner, KEYRING)
        async with postgres_trial(disk.folder, cluster, urls, request_seconds=10) as trial:
            faults = await endure(trial, [fill_the_disk], times(1))
    figures.note(str(fill_the_disk.__doc__), "PostgreSQL", times(1), trial.load.record, faults)
    assert faults == []
