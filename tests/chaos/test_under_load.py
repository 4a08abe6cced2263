"""Everything that breaks, under load: one after the other in a test run, each by itself in a long one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.effort import CHAOS, times
from tests.chaos.figures import Figures
from tests.chaos.postgres_breakages import POSTGRES_BREAKAGES, TESTED_ALONE
from tests.chaos.sqlite_breakages import SQLITE_BREAKAGES, fill_the_disk
from tests.chaos.trial import Breakage, PostgresTrial, SqliteTrial, endure, postgres_trial, sqlite_trial
from tests.postgres.cluster import Cluster, DatabaseUrls
from tests.processes.disks import SmallDisk

HURRIED = 3.0
"""Seconds that a request may take where a test waits until one has taken too long."""


def runs(breakages: Sequence[Breakage[Any]], left_out: Sequence[Breakage[Any]] = ()) -> list[Any]:
    """A test for each; or, in a short run, one for all that are not left out there."""
    if CHAOS:
        return [pytest.param((each,), id=each.__name__) for each in breakages]
    return [pytest.param(tuple(each for each in breakages if each not in left_out), id="one after the other")]


def names(breakages: Sequence[Breakage[Any]]) -> str:
    return "; ".join(each.__doc__ or "" for each in breakages)


@pytest.mark.parametrize("breakages", runs(SQLITE_BREAKAGES))
async def test_nothing_is_lost_doubled_or_half_written_on_sqlite(
    breakages: tuple[Breakage[SqliteTrial], ...], file: Path, disk: SmallDisk, figures: Figures
) -> None:
    if not disk.mounted:
        breakages = tuple(each for each in breakages if each is not fill_the_disk)
    if not breakages:
        pytest.skip("nothing can be mounted here; a file that may not grow is tried all the same")
    if fill_the_disk in breakages:
        file = shutil.copyfile(file, disk.folder / file.name)
    async with sqlite_trial(file, request_seconds=HURRIED, disk=disk) as trial:
        faults = await endure(trial, breakages, times(1))
    figures.note(names(breakages), "SQLite", times(1), trial.load.record, faults)
    assert faults == []


@pytest.mark.parametrize("breakages", runs(POSTGRES_BREAKAGES, TESTED_ALONE))
async def test_nothing_is_lost_doubled_or_half_written_on_postgres(
    breakages: tuple[Breakage[PostgresTrial], ...],
    tmp_path: Path,
    durable: Cluster,
    urls: DatabaseUrls,
    figures: Figures,
) -> None:
    async with postgres_trial(tmp_path, durable, urls, request_seconds=HURRIED) as trial:
        faults = await endure(trial, breakages, times(1))
    figures.note(names(breakages), "PostgreSQL", times(1), trial.load.record, faults)
    assert faults == []
