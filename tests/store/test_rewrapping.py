from __future__ import annotations

import asyncio

import orjson
import pytest
from sqlalchemy import select

from app.errors import KeysMissing
from app.models import LOCAL_CLINIC, patients
from app.services.keys.rotate_master_key import count_to_rotate, rotate_master_key
from app.store import (
    Database,
    Filter,
    KeyUse,
    Receipt,
    Rewrapped,
    Unit,
    count_key_use,
    erase_reference,
    every_kept_note,
    every_note,
    find_receipt,
    make_master_key,
    open_database,
    read_keyring,
    reseal_some,
    rewrap_some,
    search,
)
from app.store.protection import Keyring
from tests.store.remains import add_answer, count_rows, review, wrapped_keys
from tests.store.samples import MORNING, add, judged, new_id
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, only_postgres

NEWEST = read_keyring(make_master_key("k2"))
OLD_THEN_NEW = Keyring([*KEYRING.keys, *NEWEST.keys])
NEW_THEN_OLD = Keyring([*NEWEST.keys, *KEYRING.keys])


async def rotate(owned: Database, most: int = 3, clinic: str = LOCAL_CLINIC) -> list[Rewrapped]:
    done: list[Rewrapped] = []
    after = ""
    while (some := await owned.write(clinic, rewrap_some, after, most)) is not None:
        done.append(some)
        after = some.last
    return done


async def opened(database: Database, clinic: str = LOCAL_CLINIC) -> list[bytes]:
    return await database.read(clinic, lambda unit: [each.body for each in every_note(unit)])


async def test_every_key_comes_under_the_newer_master_key_and_all_opens_without_the_older(
    database: Database, store_urls: StoreUrls
) -> None:
    for number in range(7):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
    await add(database, new_id(), judged(patient=None))
    await add(database, new_id(), judged(patient="MRN-1"), clinic=OTHER_CLINIC)
    bodies, wrapped = await opened(database), await database.read(LOCAL_CLINIC, wrapped_keys)

    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)
    newer = open_database(store_urls.service, NEWEST)
    try:
        assert [each.rewrapped for each in await rotate(owned)] == [3, 3, 2]
        assert await rotate(owned) == []
        assert await opened(newer) == bodies
        again = await newer.read(LOCAL_CLINIC, wrapped_keys)
        assert again.keys() == wrapped.keys()
        assert set(again.values()).isdisjoint(wrapped.values())
        for number in range(7):
            found = await newer.read(LOCAL_CLINIC, search, Filter(patient_reference=f"MRN-{number}"), None, 10)
            assert [each.patient_reference for each in found.consultations] == [f"MRN-{number}"]
        assert (await newer.read(LOCAL_CLINIC, count_key_use)).patients == {"k2": 8}
        assert (await newer.read(OTHER_CLINIC, count_key_use)).patients == {"k1": 1}
    finally:
        await owned.close()
        await newer.close()


async def test_notes_that_stay_after_an_erasure_come_under_the_newer_master_key_too(
    database: Database, store_urls: StoreUrls
) -> None:
    for number in range(3):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
        await database.write(LOCAL_CLINIC, erase_reference, f"MRN-{number}", lambda note: note)

    def read(unit: Unit) -> list[bytes]:
        return [kept.note for kept in every_kept_note(unit)]

    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)
    newer = open_database(store_urls.service, NEWEST)
    try:
        assert (await owned.read(LOCAL_CLINIC, count_key_use)).kept == {"k1": 3}
        with pytest.raises(KeysMissing):
            await newer.read(LOCAL_CLINIC, read)
        first = await owned.write(LOCAL_CLINIC, reseal_some, "", 2)
        assert first is not None
        assert (first.resealed, first.unopened) == (2, 0)
        await add(database, new_id(), judged(patient="MRN-9"))
        to_do, done = await count_to_rotate(owned, LOCAL_CLINIC), list[int]()
        rotated = await rotate_master_key(owned, LOCAL_CLINIC, lambda: MORNING, done.append)
        assert (rotated.rewrapped, rotated.resealed, rotated.unopened_notes) == (1, 1, 0)
        assert (sum(done), to_do) == (2, 2)
        assert (await owned.read(LOCAL_CLINIC, count_key_use)).kept == {"k2": 3}
        assert await newer.read(LOCAL_CLINIC, read) == [judged().note] * 3
    finally:
        await owned.close()
        await newer.close()


async def test_services_with_both_keys_go_on_while_keys_are_rotated(database: Database, store_urls: StoreUrls) -> None:
    """Each kind of service stores for the same few patients meanwhile; every consultation is found afterwards."""
    services = [open_database(store_urls.service, ring) for ring in (OLD_THEN_NEW, NEW_THEN_OLD)]
    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)
    stored: dict[str, set[str]] = {f"MRN-{number}": set() for number in range(4)}
    going, came = True, asyncio.Event()

    async def post(to: Database) -> None:
        while going:
            for reference, ids in stored.items():
                this = new_id()
                await add(to, this, judged(patient=reference))
                ids.add(this)
            came.set()

    async def rotate_often() -> None:
        nonlocal going
        for _ in range(6):
            came.clear()
            await came.wait()
            await rotate(owned)
        going = False

    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for each in services:
                tasks.create_task(post(each))
            tasks.create_task(rotate_often())
        await rotate(owned)
        assert (await owned.read(LOCAL_CLINIC, count_rows))["patients"] == len(stored)
        newest = open_database(store_urls.service, NEWEST)
        for reference, ids in stored.items():
            found = await newest.read(LOCAL_CLINIC, search, Filter(patient_reference=reference), None, 10_000)
            assert {each.consultation_id for each in found.consultations} == ids
        assert len(await opened(newest)) == sum(len(ids) for ids in stored.values())
        await newest.close()
    finally:
        for each in (*services, owned):
            await each.close()


@only_postgres
async def test_two_rows_of_one_reference_become_one_patient_with_all_that_was_of_either(
    database: Database, store_urls: StoreUrls
) -> None:
    newer = open_database(store_urls.service, NEW_THEN_OLD)
    # Two that add somebody at the same moment look in vain for what the other is adding, as if they had one key each.
    with_newer_only = open_database(store_urls.service, NEWEST)
    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)
    try:
        first, second = new_id(), new_id()
        await add(database, first, judged(patient="MRN-1"))
        await database.write(LOCAL_CLINIC, review, first, "seen before")
        await add(with_newer_only, second, judged(patient="MRN-1"))
        before = await newer.read(LOCAL_CLINIC, count_rows)
        assert before["patients"] == 2
        (done,) = await rotate(owned)
        assert (done.rewrapped, len(done.merged)) == (0, 1)
        assert await newer.read(LOCAL_CLINIC, count_rows) == before | {"patients": 1}
        assert len(await opened(newer)) == 2
        # The older service had both in hand, and learns that one of them is gone.
        await add(database, new_id(), judged(patient="MRN-2"))
        await add(newer, new_id(), judged(patient="MRN-1"))
        found = await newer.read(LOCAL_CLINIC, search, Filter(patient_reference="MRN-1"), None, 10)
        assert len(found.consultations) == 3
    finally:
        await with_newer_only.close()
        await newer.close()
        await owned.close()


async def test_a_key_that_does_not_open_is_named_and_keeps_nobody_else_from_it(
    database: Database, store_urls: StoreUrls
) -> None:
    for number in range(4):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)

    def damage(unit: Unit) -> list[str]:
        ids = list(unit.connection.execute(select(patients.c.patient_id).order_by(patients.c.patient_id)).scalars())
        for patient_id, change in ((ids[0], {"wrapped_key": b"\x01"}), (ids[2], {"master_key": "gone"})):
            unit.connection.execute(patients.update().where(patients.c.patient_id == patient_id).values(change))
        return [ids[0], ids[2]]

    try:
        damaged = await owned.write(LOCAL_CLINIC, damage)
        done = await rotate(owned)
        assert sum(each.rewrapped for each in done) == 2
        assert [patient_id for each in done for patient_id in each.unopened] == damaged
        assert (await owned.read(LOCAL_CLINIC, count_key_use)).patients == {"k1": 1, "k2": 2, "gone": 1}
    finally:
        await owned.close()


async def test_what_still_needs_a_master_key_is_counted(database: Database, store_urls: StoreUrls) -> None:
    await add(database, new_id())
    await database.write(LOCAL_CLINIC, add_answer, orjson.dumps({"headline": "nothing stored"}))
    newer = open_database(store_urls.service, NEW_THEN_OLD)
    try:
        await newer.write(LOCAL_CLINIC, add_answer, b"{}")
        use = await newer.read(LOCAL_CLINIC, count_key_use)
        assert use == KeyUse(patients={"k1": 1}, receipts={"k1": 1, "k2": 1}, unsealed={"k1": 1})
        assert await newer.read(OTHER_CLINIC, count_key_use) == KeyUse()
        assert await newer.read(LOCAL_CLINIC, find_receipt, Receipt("0" * 64, "r" * 64)) is None
    finally:
        await newer.close()


@pytest.mark.parametrize("most", [1, 100])
async def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    database: Database, store_urls: StoreUrls, most: int
) -> None:
    for number in range(3):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
    owned = open_database(store_urls.owner, NEW_THEN_OLD, patient=True)
    try:
        assert await owned.write(LOCAL_CLINIC, rewrap_some, "", 1) is not None
        assert sum(each.rewrapped for each in await rotate(owned, most)) == 2
    finally:
        await owned.close()
