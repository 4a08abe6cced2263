from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx

from app.services.examples import FIRST
from tests.processes.service import RunningService
from tests.processes.site import Site


async def test_a_sound_store_is_found_sound_and_a_damaged_one_is_not(
    site: Site, service: RunningService, file: Path
) -> None:
    load = site.load(service)
    async with load.running(clients=4) as record:
        await load.wait_for(40)
    assert record.cuts == 0
    assert set(record.statuses) == {200, 201}
    assert not record.unknown
    assert len(record.acknowledged) == record.statuses.total() > len(record.ids) > 3
    assert await site.find_faults(record, service) == []

    service.stop()
    first, second, third = sorted(record.ids)[:3]
    damage(file, first, second, third)
    record.surprises.append("POST: 500")
    place = next(n for n, each in enumerate(record.acknowledged) if each.id not in {first, second, third})
    record.acknowledged[place] = other = replace(record.acknowledged[place], note=b"{}")
    await asyncio.to_thread(service.start)
    faults = "\n".join(await site.find_faults(record, service))
    for expected in (
        "a client was told: POST: 500",
        "1 consultations without each of the revisions",
        f"the acknowledged revision {first}/1 answers 404",
        f"the acknowledged revision {third}/1 answers 500",
        f"the note of {other.id}/{other.revision} is not the one that was acknowledged",
        "replay exits with 1",
    ):
        assert expected in faults


def damage(file: Path, first: str, second: str, third: str) -> None:
    """Take the notes of one consultation away, lose a revision of another, and give the third another's note."""
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("DELETE FROM note_categories WHERE consultation_id = ?", (first,))
        raw.execute("DELETE FROM notes WHERE consultation_id = ?", (first,))
        raw.execute("UPDATE consultations SET revision = revision + 1 WHERE id = ?", (second,))
        other = "SELECT note FROM notes WHERE consultation_id = ?"
        raw.execute(f"UPDATE notes SET note = ({other}) WHERE consultation_id = ?", (second, third))  # noqa: S608 - no value in it


def test_the_clock_of_a_running_service_can_be_stepped_back(site: Site, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with site.service(program=("-m", "tests.processes.clocked"), variables={"CLOCK_FILE": str(clock)}) as service:
        answers = []
        for seconds in ("0", "-86400"):
            clock.write_text(seconds)
            answers.append(
                httpx.post(f"{service.address}/v1/triage", json=FIRST, headers=site.headers, trust_env=False).json()
            )
    today, yesterday = (date.fromisoformat(answer["made_on"]) for answer in answers)
    assert today - yesterday == timedelta(days=1)
