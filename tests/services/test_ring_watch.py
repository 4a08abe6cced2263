from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import pytest

from app.models import LOCAL_CLINIC
from app.services.keys.ring_watch import watch_forever
from app.store import Database, make_master_key, open_database, read_keyring
from tests.store.samples import add, judged, keep_rulebook, new_id
from tests.stores import OTHER_CLINIC, StoreUrls


async def wait_for(caplog: pytest.LogCaptureFixture, messages: int) -> None:
    for _ in range(1_000):
        if len(caplog.messages) >= messages:
            return
        await asyncio.sleep(0.01)
    pytest.fail("nothing was logged")


async def test_a_clinic_that_needs_another_ring_is_logged_once_after_it_was_met(
    database: Database, store_urls: StoreUrls, caplog: pytest.LogCaptureFixture
) -> None:
    await keep_rulebook(database, OTHER_CLINIC)
    await add(database, new_id(), judged(patient="MRN-1"), clinic=OTHER_CLINIC)
    met: set[str] = {LOCAL_CLINIC}
    another = open_database(store_urls.service, read_keyring(make_master_key("k9")))
    caplog.set_level(logging.WARNING)
    watching = asyncio.create_task(watch_forever(another, lambda: met, every=0.01))
    try:
        await asyncio.sleep(0.1)
        assert caplog.messages == []
        met.add(OTHER_CLINIC)
        await wait_for(caplog, 1)
        await asyncio.sleep(0.1)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await another.close()
    (message,) = caplog.messages
    assert "the clinic other" in message
    assert "under the master key k1, which is not among those given" in message
    assert "MRN-1" not in message


async def test_a_database_that_is_away_is_looked_at_again(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    await database.close()
    caplog.set_level(logging.WARNING)
    watching = asyncio.create_task(watch_forever(database, lambda: {LOCAL_CLINIC}, every=0.01))
    await wait_for(caplog, 2)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert set(caplog.messages) == {"the master keys of local could not be looked at: StoreUnavailable"}
