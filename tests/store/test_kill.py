"""A process that dies in the middle of its work loses nothing that it had answered."""

import asyncio
import subprocess
import sys
from pathlib import Path

from app.store import Database
from tests.store.samples import CONSULTATIONS, judged

ROOT = Path(__file__).resolve().parents[2]


def answered_before_the_kill(url: str, at_least: int) -> list[str]:
    """The ids that a writing process said were stored, when it is killed after `at_least` of them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writes_until_killed", url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as output:
        ids = [output.readline().strip() for _ in range(at_least)]
        process.kill()  # SIGKILL: nothing of its own runs after this
        # What it had answered and we had not read yet; the last line may be half written.
        ids += [line.strip() for line in output if line.endswith("\n")]
    assert process.wait(10) < 0
    return ids


async def test_a_killed_process_loses_nothing_it_had_answered(database: Database, url: str) -> None:
    for at_least in (100, 200, 300):
        ids = await asyncio.to_thread(answered_before_the_kill, url, at_least)
        assert len(set(ids)) == len(ids) >= at_least
        for this in ids:
            stored = await database.read(CONSULTATIONS.newest, this)
            assert (stored.body, stored.note) == (judged(says=this).body, judged(says=this).note)
    integrity = await database.read(lambda connection: connection.exec_driver_sql("PRAGMA integrity_check").scalar())
    assert integrity == "ok"
