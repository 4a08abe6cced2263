"""A process that dies in the middle of its work loses nothing that it had answered."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from app.models import LOCAL_CLINIC
from app.store import Database, Unit, newest_revision
from tests.store.samples import judged
from tests.stores import MASTER_KEYS, StoreUrls

ROOT = Path(__file__).resolve().parents[2]


def answered_before_the_kill(url: str, at_least: int) -> list[str]:
    """The ids that a writing process said were stored, when it is killed after `at_least` of them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writes_until_killed", url, MASTER_KEYS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        ids = [output.readline().strip() for _ in range(at_least)]
        process.kill()  # SIGKILL: nothing of its own runs after this
        # What it had answered and we had not read yet; the last line may be half written.
        ids += [line.strip() for line in output if line.endswith("\n")]
    assert process.wait(10) < 0
    return ids


async def test_a_killed_process_loses_nothing_it_had_answered(database: Database, store_urls: StoreUrls) -> None:
    for at_least in (100, 200, 300):
        ids = await asyncio.to_thread(answered_before_the_kill, store_urls.service, at_least)
        assert len(set(ids)) == len(ids) >= at_least

        def read_all(unit: Unit, ids: list[str] = ids) -> list[tuple[bytes, bytes]]:
            return [(stored.body, stored.note) for stored in (newest_revision(unit, this) for this in ids)]

        stored = await database.read(LOCAL_CLINIC, read_all)
        assert stored == [(judged(says=this).body, judged(says=this).note) for this in ids]
    if store_urls.kind == "sqlite":
        check = "PRAGMA integrity_check"
        assert await database.survey(lambda connection: connection.exec_driver_sql(check).scalar()) == "ok"
