from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from app.models import LOCAL_CLINIC
from app.services.audit.sealing import seal_forever
from app.services.keys.clinics import meet_clinics
from app.store import Database, Event, Unit, add_event, open_database
from app.store.audit import Anchor, Verdict, verify
from tests.stores import FIRST_MOMENT, KEYRING, OTHER_CLINIC, StoreUrls, only_postgres, only_sqlite, ticking

OFTEN = 0.01


class Heard(logging.Handler):
    """What is logged, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._said: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self._said.put_nowait(record.getMessage())

    async def next(self) -> str:
        async with asyncio.timeout(20):
            return await self._said.get()

    async def sealed(self) -> tuple[int, Anchor]:
        """How many events the next line says were sealed, and up to which seal."""
        before, _, anchor = (await self.next()).rpartition(", up to ")
        return int(before.removeprefix("audit events sealed: ")), Anchor.parse(anchor)


@pytest.fixture
def heard() -> Iterator[Heard]:
    log = logging.getLogger("spine_triage.audit")
    handler, level = Heard(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


async def add(database: Database, clinic: str, events: int = 1) -> None:
    def write(unit: Unit) -> None:
        for _ in range(events):
            add_event(unit, Event("note.read", "done", "api_key", "front-desk"), FIRST_MOMENT)

    await database.write(clinic, write)


async def look(database: Database, clinic: str) -> Verdict:
    return await database.read(clinic, verify, lambda _: None)


async def test_events_are_sealed_again_and_again_of_the_clinics_that_are_named(
    database: Database, heard: Heard
) -> None:
    clinics = {LOCAL_CLINIC}
    await add(database, LOCAL_CLINIC, 3)
    await add(database, OTHER_CLINIC)
    sealing = asyncio.create_task(seal_forever(database, lambda: clinics, OFTEN, ticking()))
    events, first = await heard.sealed()
    assert (events, first.clinic, first.number) == (3, LOCAL_CLINIC, 1)
    assert (await look(database, OTHER_CLINIC)).unsealed == 1
    clinics.add(OTHER_CLINIC)
    events, other = await heard.sealed()
    assert (events, other.clinic, other.number) == (1, OTHER_CLINIC, 1)
    await add(database, LOCAL_CLINIC)
    events, second = await heard.sealed()
    assert (events, second.number) == (1, 2)
    sealing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sealing
    # Kept elsewhere, the log shows when the newest seals are cut off.
    assert (await look(database, LOCAL_CLINIC)).newest == second


async def test_a_store_that_does_not_answer_ends_nothing(store_urls: StoreUrls, heard: Heard) -> None:
    closed = open_database(store_urls.service, KEYRING)
    await closed.close()
    sealing = asyncio.create_task(seal_forever(closed, lambda: {LOCAL_CLINIC}, OFTEN, ticking()))
    for _ in range(2):
        assert await heard.next() == "the audit of local could not be sealed: StoreUnavailable"
    assert not sealing.done()
    sealing.cancel()


async def test_what_cannot_be_sealed_is_logged_and_keeps_nothing_else_from_it(
    database: Database, owned: Database, heard: Heard
) -> None:
    def forge(unit: Unit) -> None:
        add_event(unit, Event("note.read", "done", "api_key", "front-desk"), FIRST_MOMENT)
        unit.connection.exec_driver_sql(
            "INSERT INTO audit_events SELECT clinic_id, 'forged', at, actor_kind, 'somebody else', action, target,"
            " outcome, address, request_id, detail, master_key, mac FROM audit_events"
        )

    await owned.write(LOCAL_CLINIC, forge)
    sealing = asyncio.create_task(seal_forever(database, lambda: {LOCAL_CLINIC}, OFTEN, ticking()))
    assert (await heard.sealed())[0] == 1
    assert await heard.next() == "audit events of local that cannot be sealed: 1; run audit verify"
    sealing.cancel()


async def test_a_round_with_nothing_new_writes_nothing_and_what_comes_late_is_sealed_within_an_hour(
    database: Database, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes, at_work, write = 0, asyncio.Queue[int](), database.write

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal writes
        writes += 1
        return await write(*args, **kwargs)

    def clinics() -> set[str]:
        at_work.put_nowait(writes)
        return {LOCAL_CLINIC}

    await add(database, LOCAL_CLINIC)
    monkeypatch.setattr(database, "write", counted)
    sealing = asyncio.create_task(seal_forever(database, clinics, OFTEN, ticking()))
    assert (await heard.sealed())[0] == 1
    before = writes
    while at_work.qsize():
        at_work.get_nowait()
    async with asyncio.timeout(20):
        assert [await at_work.get() for _ in range(5)] == [before] * 5
    # By now the clock is at least twenty minutes past the moment of this one.
    monkeypatch.undo()
    await asyncio.gather(*(at_work.get() for _ in range(20)))
    await add(database, LOCAL_CLINIC)
    assert (await heard.sealed())[0] == 1
    sealing.cancel()


@only_sqlite
async def test_events_from_before_a_restart_are_sealed_though_their_clinic_stays_silent(
    database: Database, heard: Heard
) -> None:
    await add(database, OTHER_CLINIC, 2)
    met: set[str] = set()
    await meet_clinics(database, met)
    assert met == {LOCAL_CLINIC, OTHER_CLINIC}
    sealing = asyncio.create_task(seal_forever(database, lambda: met, OFTEN, ticking()))
    events, anchor = await heard.sealed()
    assert (events, anchor.clinic) == (2, OTHER_CLINIC)
    sealing.cancel()


@only_postgres
async def test_the_service_s_role_meets_no_clinic_before_it_calls(database: Database) -> None:
    met: set[str] = set()
    await meet_clinics(database, met)
    assert met == set()


async def test_clinics_of_a_store_that_does_not_answer_are_met_when_they_call(store_urls: StoreUrls) -> None:
    closed, met = open_database(store_urls.service, KEYRING), {LOCAL_CLINIC}
    await closed.close()
    await meet_clinics(closed, met)
    assert met == {LOCAL_CLINIC}


async def test_with_no_interval_nothing_is_ever_sealed(database: Database) -> None:
    await add(database, LOCAL_CLINIC)
    await seal_forever(database, lambda: {LOCAL_CLINIC}, 0, ticking())
    assert (await look(database, LOCAL_CLINIC)).unsealed == 1
