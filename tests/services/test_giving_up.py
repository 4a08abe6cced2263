from __future__ import annotations

import pytest

from app.models import LOCAL_CLINIC
from app.services.keys.give_up_master_key import PATIENTS_AT_A_TIME, give_up
from app.store import Database, make_master_key, open_database, read_keyring
from tests.store.counting import count_rows
from tests.store.samples import add, judged, keep_rulebook, new_id
from tests.stores import StoreUrls, ticking


class Stopped(Exception):
    """What ends a command half-way."""


async def test_patients_go_a_few_at_a_time_and_a_run_that_was_stopped_goes_on(
    database: Database, store_urls: StoreUrls
) -> None:
    await keep_rulebook(database, LOCAL_CLINIC)
    for number in range(PATIENTS_AT_A_TIME + 3):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
    owned = open_database(store_urls.owner, read_keyring(make_master_key("k2")), patient=True)

    def stop(_: int) -> None:
        raise Stopped

    reported: list[int] = []
    try:
        with pytest.raises(Stopped):
            await give_up(owned, LOCAL_CLINIC, "k1", ticking(), stop)
        assert (await database.read(LOCAL_CLINIC, count_rows))["patients"] == 3
        lost = await give_up(owned, LOCAL_CLINIC, "k1", ticking(), reported.append)
    finally:
        await owned.close()
    assert (lost.patients, reported[0]) == (3, 3)
    assert "patients" not in await database.read(LOCAL_CLINIC, count_rows)
