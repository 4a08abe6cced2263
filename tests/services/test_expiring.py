"""Receipts go by themselves once they count no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from app.access import Action
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST
from app.services.patients.expiring import drop_forever
from app.services.record import record
from app.services.service import Service
from app.store import Database, Receipt, add_receipt, count_receipts, open_database
from app.store.audit import AuditFilter, list_events
from tests.stores import FIRST_MOMENT, KEYRING, OTHER_CLINIC, StoreUrls, make_call, ticking

LATER = FIRST_MOMENT + timedelta(days=30)
LASTING = timedelta(hours=48)


async def count(database: Database, clinic: str = LOCAL_CLINIC) -> int:
    return await database.read(clinic, count_receipts, LATER)


async def test_old_receipts_are_dropped_while_the_service_runs_and_the_audit_tells(database: Database) -> None:
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
        for number, age in enumerate((LASTING * 2, LASTING / 2)):
            await database.write(clinic, add_receipt, Receipt(f"{number}", "asked"), FIRST_MOMENT - age)
    clinics, looked = {LOCAL_CLINIC}, asyncio.Queue[None]()

    def met() -> set[str]:
        looked.put_nowait(None)
        return clinics

    dropping = asyncio.create_task(drop_forever(database, met, LASTING, ticking(timedelta(seconds=1)), 0.01))
    async with asyncio.timeout(20):
        for _ in range(2):
            await looked.get()
        assert [await count(database, clinic) for clinic in (LOCAL_CLINIC, OTHER_CLINIC)] == [1, 2]
        clinics.add(OTHER_CLINIC)
        for _ in range(3):
            await looked.get()
        assert [await count(database, clinic) for clinic in (LOCAL_CLINIC, OTHER_CLINIC)] == [1, 1]
    dropping.cancel()
    (told,) = (await database.read(LOCAL_CLINIC, list_events, AuditFilter(), None, 10)).events
    assert (told.action, told.actor, (told.detail or {})["receipts"]) == (Action.RETENTION_APPLIED, "service", 1)


async def test_a_store_that_does_not_answer_ends_nothing(store_urls: StoreUrls) -> None:
    closed, looked = open_database(store_urls.service, KEYRING), asyncio.Queue[None]()
    await closed.close()

    def met() -> set[str]:
        looked.put_nowait(None)
        return {LOCAL_CLINIC}

    dropping = asyncio.create_task(drop_forever(closed, met, LASTING, ticking(), 0.01))
    async with asyncio.timeout(20):
        for _ in range(3):
            await looked.get()
    assert not dropping.done()
    dropping.cancel()


async def test_a_key_stands_for_its_request_only_as_long_as_is_configured(service: Service) -> None:
    call = make_call(Action.CONSULTATION_RECORDED, idempotency_key="k")
    first = await record(service, call, FIRST)
    assert (await record(service, call, FIRST)).consultation_id == first.consultation_id
    brief = replace(service, receipts_last=timedelta(seconds=1))
    assert (await record(brief, call, FIRST)).consultation_id != first.consultation_id
