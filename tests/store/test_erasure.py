from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import select

from app.errors import KeysMissing, NotFound, SpineTriageError
from app.models import LOCAL_CLINIC, kept_notes, patients
from app.store import (
    Database,
    Filter,
    Unit,
    add_revision,
    erase_reference,
    every_kept_note,
    every_note,
    held_of,
    make_master_key,
    move_to_patient,
    open_database,
    read_keyring,
    search,
)
from app.store.patients.keys import find_patients
from app.store.protection import Keyring, MasterKey
from tests.store.remains import count_rows, review, wrapped_keys
from tests.store.samples import DIGEST, add, judged, minutes_later, new_id, revise
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, only_postgres

NEWER = read_keyring(f"{make_master_key('k2')}\n")


def both_keys(*, newer_first: bool) -> Keyring:
    """The ring of a service while master keys are being rotated."""
    keys: list[MasterKey] = [*NEWER.keys, *KEYRING.keys]
    return Keyring(keys if newer_first else keys[::-1])


async def fill(database: Database, reference: str, clinic: str = LOCAL_CLINIC) -> tuple[str, str]:
    """Two consultations of a patient, the first with a second revision and a review."""
    first, second = new_id(), new_id()
    for this in (first, second):
        await add(database, this, judged(patient=reference), clinic=clinic)
    await database.write(clinic, add_revision, first, 1, judged(patient=reference), minutes_later(5))
    await database.write(clinic, review, first)
    return first, second


async def test_all_of_a_patient_goes_and_nothing_of_anybody_else(database: Database) -> None:
    await fill(database, "MRN-1")
    alone = await database.read(LOCAL_CLINIC, count_rows)
    await fill(database, "MRN-2")
    await fill(database, "MRN-1", OTHER_CLINIC)
    erased = await database.write(LOCAL_CLINIC, erase_reference, "MRN-1")
    assert (erased.consultations, erased.revisions, erased.reviews, erased.receipts) == (2, 3, 1, 1)
    assert len(erased.patients) == 1
    assert erased.kept_notes == 0
    assert await database.read(LOCAL_CLINIC, count_rows) == alone
    assert await database.read(OTHER_CLINIC, count_rows) == alone
    found = await database.read(LOCAL_CLINIC, search, Filter(patient_reference="MRN-2"), None, 10)
    assert len(found.consultations) == 2


async def test_nobody_is_erased_twice_and_a_patient_who_comes_again_begins_anew(database: Database) -> None:
    await fill(database, "MRN-1")
    before = await database.read(LOCAL_CLINIC, wrapped_keys)
    await database.write(LOCAL_CLINIC, erase_reference, "MRN-1")
    with pytest.raises(NotFound):
        await database.write(LOCAL_CLINIC, erase_reference, "MRN-1")
    await fill(database, "MRN-1")
    after = await database.read(LOCAL_CLINIC, wrapped_keys)
    assert len(before) == len(after) == 1
    assert before.keys().isdisjoint(after)


async def test_notes_stay_without_identity_where_that_is_wanted(database: Database) -> None:
    await fill(database, "MRN-1")
    erased = await database.write(LOCAL_CLINIC, erase_reference, "MRN-1", lambda note: b"kept:" + note)
    assert erased.kept_notes == 3

    def read_kept(unit: Unit) -> list[tuple[date, str, bytes]]:
        return [(kept.month, kept.rulebook_digest, kept.note) for kept in every_kept_note(unit)]

    def read_sealed(unit: Unit) -> list[bytes]:
        return [row.note for row in unit.connection.execute(select(kept_notes))]

    expected = (date(2026, 11, 1), DIGEST, b"kept:" + judged().note)
    assert await database.read(LOCAL_CLINIC, read_kept) == [expected] * 3
    assert not any(b"kept:" in note for note in await database.read(LOCAL_CLINIC, read_sealed))
    assert await database.read(LOCAL_CLINIC, count_rows) == {"kept_notes": 3}


async def test_a_patient_whose_key_was_damaged_is_erased_all_the_same(database: Database, owned: Database) -> None:
    await fill(database, "MRN-1")
    await owned.write(LOCAL_CLINIC, lambda unit: unit.connection.execute(patients.update().values(wrapped_key=b"\x01")))
    erased = await database.write(LOCAL_CLINIC, erase_reference, "MRN-1", lambda note: note)
    assert erased.kept_notes == 0
    assert await database.read(LOCAL_CLINIC, count_rows) == {}


@pytest.mark.parametrize("same_id", [True, False], ids=["another key of the same id", "a key of another id"])
async def test_without_its_master_key_nothing_opens_and_nobody_is_said_not_to_be_there(
    database: Database, store_urls: StoreUrls, same_id: bool
) -> None:
    first, _ = await fill(database, "MRN-1")
    lost = open_database(store_urls.service, read_keyring(make_master_key("k1" if same_id else "k9")))
    try:
        with pytest.raises(KeysMissing):
            await lost.write(LOCAL_CLINIC, erase_reference, "MRN-1")
        with pytest.raises(KeysMissing):
            await lost.read(LOCAL_CLINIC, lambda unit: list(every_note(unit)))
        with pytest.raises(KeysMissing):
            await lost.write(LOCAL_CLINIC, move_to_patient, first, "MRN-2", minutes_later(1))
        with pytest.raises(NotFound):
            await lost.write(OTHER_CLINIC, erase_reference, "MRN-1")
    finally:
        await lost.close()
    assert (await database.write(LOCAL_CLINIC, erase_reference, "MRN-1")).consultations == 2


@only_postgres
async def test_two_rows_of_one_reference_are_one_patient(database: Database, store_urls: StoreUrls) -> None:
    """While services change over to a newer master key one by one, each may have added the same patient."""
    older, newer = (
        open_database(store_urls.service, both_keys(newer_first=newer_first)) for newer_first in (False, True)
    )
    # Two that add somebody at the same moment look in vain for what the other is adding, as if they had one key each.
    with_older_only, with_newer_only = (open_database(store_urls.service, ring) for ring in (KEYRING, NEWER))
    try:
        await fill(with_older_only, "MRN-1")
        await fill(with_newer_only, "MRN-1")
        assert (await older.read(LOCAL_CLINIC, count_rows))["patients"] == 2
        # Each finds one of the two rows, and must not take it for all there is.
        for with_one in (with_older_only, with_newer_only):
            with pytest.raises(KeysMissing):
                await with_one.write(LOCAL_CLINIC, erase_reference, "MRN-1")
            with pytest.raises(KeysMissing):
                await with_one.write(LOCAL_CLINIC, held_of, "MRN-1")
        assert (await older.read(LOCAL_CLINIC, count_rows))["consultations"] == 4
        for each in (older, newer):
            found = await each.read(LOCAL_CLINIC, search, Filter(patient_reference="MRN-1"), None, 10)
            assert len(found.consultations) == 4
        erased = await newer.write(LOCAL_CLINIC, erase_reference, "MRN-1")
        assert (len(erased.patients), erased.consultations) == (2, 4)
        assert await older.read(LOCAL_CLINIC, count_rows) == {}
    finally:
        for each in (older, newer, with_older_only, with_newer_only):
            await each.close()


async def test_what_is_stored_while_a_patient_is_erased_goes_with_them_or_comes_after(
    database: Database, store_urls: StoreUrls
) -> None:
    """Two services at once, on PostgreSQL; on SQLite two processes' worth of connections."""
    another = open_database(store_urls.service, KEYRING)
    stored, erased_times = 0, 0
    going = True
    came = asyncio.Event()

    async def post(to: Database) -> None:
        nonlocal stored
        while going:
            this = new_id()
            await add(to, this, judged(patient="MRN-1"))
            stored += 1
            came.set()
            try:
                await to.write(LOCAL_CLINIC, add_revision, this, 1, judged(patient="MRN-1"), minutes_later(5))
                await to.write(LOCAL_CLINIC, review, this)
            except NotFound:
                continue  # erased between the two

    async def erase() -> None:
        nonlocal erased_times, going
        while erased_times < 8:
            enough = stored + 6
            while stored < enough:
                came.clear()
                await came.wait()
            erased = await another.write(LOCAL_CLINIC, erase_reference, "MRN-1")
            erased_times += bool(erased.consultations)
        going = False

    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for to in (database, another, database, another):
                tasks.create_task(post(to))
            tasks.create_task(erase())
        opened = await database.read(LOCAL_CLINIC, lambda unit: len(list(every_note(unit))))
        left = await database.read(LOCAL_CLINIC, count_rows)
        assert opened == left.get("notes", 0) == left.get("revisions", 0)
        assert left.get("patients", 0) <= 1
        if left:
            await another.write(LOCAL_CLINIC, erase_reference, "MRN-1")
        assert await database.read(LOCAL_CLINIC, count_rows) == {}
    finally:
        await another.close()


async def test_consultations_that_change_hands_during_erasures_end_with_one_patient_or_are_gone(
    database: Database, store_urls: StoreUrls
) -> None:
    another = open_database(store_urls.service, KEYRING)
    references = [f"MRN-{number}" for number in range(3)]
    failures: list[SpineTriageError] = []

    async def change_hands(number: int) -> None:
        this = new_id()
        await add(database, this, judged(patient=references[0]))
        for step in range(1, 10):
            try:
                moved_to = references[(number + step) % len(references)]
                await database.write(LOCAL_CLINIC, move_on, this, step, moved_to)
            except NotFound:
                return
            except SpineTriageError as error:
                failures.append(error)
                return

    async def erase() -> None:
        for round_ in range(12):
            try:
                await another.write(LOCAL_CLINIC, erase_reference, references[round_ % len(references)])
            except NotFound:
                await asyncio.sleep(0.002)  # nothing to erase yet: others may go on meanwhile
            except SpineTriageError as error:
                failures.append(error)

    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for number in range(6):
                tasks.create_task(change_hands(number))
            tasks.create_task(erase())
        assert failures == []
        left = await database.read(LOCAL_CLINIC, count_rows)
        opened = await database.read(LOCAL_CLINIC, lambda unit: len(list(every_note(unit))))
        assert opened == left.get("notes", 0)
        for reference in references:
            if await database.read(LOCAL_CLINIC, find_patients, reference):
                await another.write(LOCAL_CLINIC, erase_reference, reference)
        assert await database.read(LOCAL_CLINIC, count_rows) == {}
    finally:
        await another.close()


def move_on(unit: Unit, consultation_id: str, expected: int, reference: str) -> None:
    """As a revision does that names another patient."""
    add_revision(unit, consultation_id, expected, judged(patient=reference), minutes_later(5))
    move_to_patient(unit, consultation_id, reference, minutes_later(5))


async def test_a_revision_of_what_was_erased_meanwhile_finds_no_consultation(database: Database) -> None:
    first, _ = await fill(database, "MRN-1")
    await database.write(LOCAL_CLINIC, erase_reference, "MRN-1")
    with pytest.raises(NotFound):
        await revise(database, first, 2)
