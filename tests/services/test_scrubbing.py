"""Destroyed keys leave the database's files soon after an erasure, which nobody waits for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path

import pytest
from sqlalchemy import text

from app.access import Action
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST
from app.services.patients.erase import erase
from app.services.patients.scrubbing import scrub, scrub_forever
from app.services.record import record
from app.services.service import Service
from app.store import Database, Scrubbed, Unit
from tests.postgres.cluster import Cluster
from tests.stores import StoreUrls, make_call, only_postgres

OFTEN = 0.3


async def store(service: Service, reference: str) -> None:
    body = deepcopy(FIRST)
    body["patient"]["reference"] = reference
    await record(service, make_call(Action.CONSULTATION_RECORDED), body)


@pytest.fixture
def is_scrubbed(store_urls: StoreUrls, owned: Database, tmp_path: Path) -> Callable[[], AsyncIterator[bool]]:
    """Again and again, whether the files were cleaned since this fixture was made."""

    async def file_of_keys() -> int:
        found: int = await owned.survey(
            lambda connection: connection.execute(text("SELECT pg_relation_filenode('patients')")).scalar_one()
        )
        return found

    async def look() -> AsyncIterator[bool]:
        before = await file_of_keys() if store_urls.kind == "postgres" else 0
        while True:
            if store_urls.kind == "postgres":
                yield await file_of_keys() != before
            else:
                yield not (tmp_path / "store.db-wal").stat().st_size
            await asyncio.sleep(0.01)

    return look


async def until_scrubbed(looks: AsyncIterator[bool]) -> None:
    async with asyncio.timeout(20):
        async for done in looks:
            if done:
                return


@asynccontextmanager
async def long_read(database: Database) -> AsyncIterator[None]:
    """Somebody who has read from patients, and goes on reading."""
    begun, ends = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def read(unit: Unit) -> None:
        unit.connection.execute(text("SELECT count(*) FROM patients")).scalar_one()
        loop.call_soon_threadsafe(begun.set)
        if unit.connection.dialect.name == "postgresql":
            unit.connection.execute(text("SELECT pg_sleep(3)"))
        else:
            asyncio.run_coroutine_threadsafe(ends.wait(), loop).result(20)

    reading = asyncio.ensure_future(database.read(LOCAL_CLINIC, read))
    try:
        await begun.wait()
        yield
    finally:
        ends.set()
        await reading


async def test_neither_who_erases_nor_anybody_else_waits_for_a_long_read_and_it_is_made_up_for(
    service: Service,
    is_scrubbed: Callable[[], AsyncIterator[bool]],
    owned: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await store(service, "MRN-1")
    looks = is_scrubbed()
    assert not await anext(looks)
    scrubbing = asyncio.create_task(scrub_forever(service.database, service.erased, OFTEN))
    with caplog.at_level(logging.WARNING, "spine_triage.store"):
        async with long_read(owned):
            began = time.monotonic()
            await erase(service, make_call(Action.PATIENT_ERASED), "MRN-1")
            for number in range(5):
                await store(service, f"MRN-2-{number}")
            assert time.monotonic() - began < 2.5  # the read goes on for longer
            async for done in looks:
                assert not done
                if "a long read is in the way" in caplog.text:
                    break
    await until_scrubbed(looks)
    scrubbing.cancel()
    await asyncio.wait([scrubbing])


async def test_many_erasures_are_scrubbed_together_and_the_last_when_the_service_stops(
    service: Service, is_scrubbed: Callable[[], AsyncIterator[bool]]
) -> None:
    for number in range(3):
        await store(service, f"MRN-{number}")
    scrubbing = asyncio.create_task(scrub_forever(service.database, service.erased, 60))
    looks = is_scrubbed()
    await anext(looks)
    await erase(service, make_call(Action.PATIENT_ERASED), "MRN-0")
    await until_scrubbed(looks)
    later = is_scrubbed()
    await anext(later)
    for number in (1, 2):
        await erase(service, make_call(Action.PATIENT_ERASED), f"MRN-{number}")
    assert service.erased.is_set()
    assert not await anext(later)
    scrubbing.cancel()
    await asyncio.wait([scrubbing])
    await until_scrubbed(later)
    assert not service.erased.is_set()


@only_postgres
async def test_a_role_that_may_not_is_told_so_and_the_owner_may(
    database: Database, owned: Database, store_urls: StoreUrls, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    name = store_urls.owner.rpartition("/")[2].partition("?")[0]
    cluster.execute("REVOKE MAINTAIN ON patients FROM spine_triage_service", name)
    with caplog.at_level(logging.WARNING, "spine_triage.store"):
        assert await scrub(database, 5) is Scrubbed.NOT_ALLOWED
        assert await scrub(owned) is Scrubbed.DONE
    (said,) = [each.getMessage() for each in caplog.records]
    assert "run `spine-triage retention` as the owner" in said
