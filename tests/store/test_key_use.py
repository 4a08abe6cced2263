"""Which master keys are needed, told without reading everything that lies under them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import event, insert, select

from app.errors import KeysMissing
from app.models import LOCAL_CLINIC, kept_notes, patients
from app.store import Database, Unit, check_keys, erase_reference, held_of, make_master_key, open_database, read_keyring
from app.store.protection import Keyring
from tests.store.samples import DIGEST, MORNING, add, judged, new_id
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls

MANY = 4_000
FEW = 400
"""Steps of SQLite, and a tenth of it rows of PostgreSQL: what the look-ups take, however many rows there are."""

NEWER = read_keyring(make_master_key("k2"))
BOTH = Keyring([*NEWER.keys, *KEYRING.keys])


def crowd(unit: Unit) -> None:
    """Patients and kept notes under the keys k1, k2 and a few that are gone; what is sealed of them is noise."""
    keys = [*["k1", "k2"] * (MANY // 2), "a-lost-one", "k1-lost"]
    here = {"clinic_id": unit.clinic}
    unit.connection.execute(
        insert(patients),
        [
            here | {"patient_id": new_id(), "created_at": MORNING, "master_key": key, "wrapped_key": b"\x01"}
            for key in keys
        ],
    )
    month = {"month": MORNING.date().replace(day=1), "rulebook_digest": DIGEST, "note": b"\x01"}
    unit.connection.execute(
        insert(kept_notes), [here | month | {"kept_id": new_id(), "master_key": key} for key in keys]
    )


def work_of(unit: Unit, fn: Callable[[Unit], object]) -> tuple[int, str]:
    """What the statements of `fn`, which all keys refuse, cost: steps or rows, and their plans."""
    sent: list[tuple[str, Any]] = []

    def hear(*told: Any) -> None:
        sent.append((told[2], told[3]))

    event.listen(unit.connection, "before_cursor_execute", hear)
    try:
        with pytest.raises(KeysMissing):
            fn(unit)
    finally:
        event.remove(unit.connection, "before_cursor_execute", hear)
    assert sent
    look = _look_at_sqlite if unit.connection.dialect.name == "sqlite" else _look_at_postgres
    looks = [look(unit, statement, parameters) for statement, parameters in sent]
    return sum(cost for cost, _ in looks), "\n".join(plan for _, plan in looks)


def _look_at_sqlite(unit: Unit, statement: str, parameters: Any) -> tuple[int, str]:
    driver: Any = unit.connection.connection.driver_connection
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    plan = "\n".join(row[-1] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
    driver.set_progress_handler(count, 1)
    try:
        driver.execute(statement, parameters).fetchall()
    finally:
        driver.set_progress_handler(None, 0)
    return steps, plan


def _look_at_postgres(unit: Unit, statement: str, parameters: Any) -> tuple[int, str]:
    explained = unit.connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    (found,) = orjson.loads(explained) if isinstance(explained, str) else explained
    rows = 0

    def walk(node: dict[str, Any]) -> None:
        nonlocal rows
        read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        rows += round(read * node["Actual Loops"]) * 10
        for each in node.get("Plans", ()):
            walk(each)

    walk(found["Plan"])
    return rows, orjson.dumps(found).decode()


async def test_which_keys_are_needed_is_looked_up_and_no_patient_or_note_is_walked_past(
    database: Database, owned: Database, store_urls: StoreUrls
) -> None:
    await add(database, new_id(), judged(patient="MRN-1"))
    await owned.write(LOCAL_CLINIC, crowd)
    with_both = open_database(store_urls.service, BOTH)
    try:
        for fn in (check_keys, lambda unit: erase_reference(unit, "MRN-1"), lambda unit: held_of(unit, "MRN-1")):
            cost, plan = await with_both.write(LOCAL_CLINIC, work_of, fn)
            assert "ix_patients_master_key" in plan
            assert "Seq Scan" not in plan
            assert "SCAN patients" not in plan
            assert cost < FEW, plan
    finally:
        await with_both.close()


async def test_the_look_up_of_kept_notes_walks_past_none_either(database: Database, owned: Database) -> None:
    def only_notes(unit: Unit) -> None:
        crowd(unit)
        unit.connection.execute(patients.delete().where(patients.c.clinic_id == unit.clinic))

    await owned.write(LOCAL_CLINIC, only_notes)
    cost, plan = await database.write(LOCAL_CLINIC, work_of, check_keys)
    assert "ix_kept_notes_master_key" in plan
    assert "Seq Scan" not in plan
    assert "SCAN kept_notes" not in plan
    assert cost < FEW, plan


@pytest.mark.parametrize("same_id", [True, False], ids=["another key of the same id", "a key of another id"])
async def test_a_ring_that_does_not_open_kept_notes_is_refused_but_keeps_nobody_from_being_erased(
    database: Database, store_urls: StoreUrls, same_id: bool
) -> None:
    await add(database, new_id(), judged(patient="MRN-1"))
    await database.write(LOCAL_CLINIC, erase_reference, "MRN-1", lambda note: note)
    await database.read(LOCAL_CLINIC, check_keys)
    another = open_database(store_urls.service, read_keyring(make_master_key("k1" if same_id else "k9")))
    try:
        with pytest.raises(KeysMissing):
            await another.read(LOCAL_CLINIC, check_keys)
        await another.read(OTHER_CLINIC, check_keys)
        await add(another, new_id(), judged(patient="MRN-2"))
        assert (await another.write(LOCAL_CLINIC, erase_reference, "MRN-2")).consultations == 1
    finally:
        await another.close()


async def test_one_damaged_kept_note_does_not_make_its_key_a_wrong_one(database: Database, owned: Database) -> None:
    for number in range(2):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
        await database.write(LOCAL_CLINIC, erase_reference, f"MRN-{number}", lambda note: note)
    await owned.write(LOCAL_CLINIC, damage_kept, how_many=1)
    await database.read(LOCAL_CLINIC, check_keys)
    await owned.write(LOCAL_CLINIC, damage_kept, how_many=2)
    with pytest.raises(KeysMissing, match="kept notes do not open"):
        await database.read(LOCAL_CLINIC, check_keys)


def damage_kept(unit: Unit, how_many: int) -> None:
    first = select(kept_notes.c.kept_id).where(kept_notes.c.clinic_id == unit.clinic)
    ids = unit.connection.execute(first.order_by(kept_notes.c.kept_id).limit(how_many)).scalars().all()
    unit.connection.execute(kept_notes.update().where(kept_notes.c.kept_id.in_(ids)).values(note=b"\x01"))
