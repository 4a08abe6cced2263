from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.errors import InputError
from app.models import LOCAL_CLINIC
from app.services.keys.give_up_master_key import PATIENTS_AT_A_TIME, Removed, count_to_give_up, give_up
from app.store import Database, Event, Unit, add_event, make_master_key, open_database, read_keyring
from app.store.audit import has_unsealed
from tests.store.counting import count_rows
from tests.store.samples import MORNING, add, judged, keep_rulebook, new_id
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, ticking

LATER = MORNING + timedelta(days=1)
ALL = PATIENTS_AT_A_TIME + 3


class Stopped(Exception):
    """What ends a command half-way."""


@pytest.fixture
async def commands(database: Database, store_urls: StoreUrls) -> AsyncIterator[Database]:
    """What commands do with a newer ring, after a service with the lost key stored more patients than go at a time."""
    await keep_rulebook(database, LOCAL_CLINIC)
    for number in range(ALL):
        await add(database, new_id(), judged(patient=f"MRN-{number}"))
    opened = open_database(store_urls.owner, read_keyring(make_master_key("k2")), patient=True)
    yield opened
    await opened.close()


def read_a_note(unit: Unit, at: datetime) -> None:
    add_event(unit, Event("note.read", "done", "api_key", "desk"), at)


async def count_patients(database: Database) -> int:
    return (await database.read(LOCAL_CLINIC, count_rows)).get("patients", 0)


async def test_patients_go_a_few_at_a_time_and_a_run_that_was_stopped_goes_on(commands: Database) -> None:
    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        await give_up(commands, LOCAL_CLINIC, "k1", ticking(start=LATER), stop)
    assert await count_patients(commands) == 3
    reported: list[int] = []
    removed = await give_up(commands, LOCAL_CLINIC, "k1", ticking(start=LATER), reported.append)
    assert (removed.patients, reported[0]) == (3, 3)
    assert await count_patients(commands) == 0


async def test_a_run_that_was_stopped_before_the_audit_was_sealed_can_be_finished(commands: Database) -> None:
    now = ticking(start=LATER)

    def stop_at_the_end(done: int) -> None:
        if done == ALL:  # as many events as patients, which are the last that is reported
            raise Stopped

    with pytest.raises(Stopped):
        await give_up(commands, LOCAL_CLINIC, "k1", now, stop_at_the_end)
    (left,) = await count_to_give_up(commands, [LOCAL_CLINIC, OTHER_CLINIC], "k1", now())
    assert not left.is_needed
    assert await commands.read(LOCAL_CLINIC, has_unsealed)
    assert await give_up(commands, LOCAL_CLINIC, "k1", now, lambda _: None) == Removed()
    assert not await commands.read(LOCAL_CLINIC, has_unsealed)


@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=-10), timedelta(hours=20)], ids=["a moment ago", "by a fast clock"]
)
async def test_a_service_that_has_the_key_keeps_every_clinic_from_losing_it_whichever_it_wrote_for(
    database: Database, commands: Database, ahead: timedelta
) -> None:
    await database.write(OTHER_CLINIC, read_a_note, LATER + ahead)
    with pytest.raises(InputError, match="in the clinic other: a service has it on its ring"):
        await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER)
    with pytest.raises(InputError, match="a service has it on its ring"):
        await give_up(commands, LOCAL_CLINIC, "k1", ticking(start=LATER), lambda _: None)
    assert await count_patients(commands) == ALL
    assert await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER + ahead + timedelta(minutes=61))


async def test_an_event_dated_far_ahead_keeps_no_lost_key_and_hides_no_service_that_has_it(
    database: Database, commands: Database
) -> None:
    await database.write(OTHER_CLINIC, read_a_note, LATER + timedelta(days=300))
    assert await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER)
    await database.write(OTHER_CLINIC, read_a_note, LATER - timedelta(minutes=59))
    with pytest.raises(InputError, match="in the clinic other: a service has it on its ring"):
        await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER)


async def test_an_event_whose_moment_nobody_can_read_does_not_hide_that_a_service_has_the_key(
    database: Database, commands: Database
) -> None:
    unreadable = text(
        "INSERT INTO audit_events (clinic_id, event_id, at, actor_kind, actor, action, outcome, master_key, mac)"
        " SELECT clinic_id, :event, '99999-01-01 00:00:00', actor_kind, actor, action, outcome, master_key, mac"
        " FROM audit_events WHERE clinic_id = 'local' LIMIT 1"
    )
    await commands.write(LOCAL_CLINIC, lambda unit: unit.connection.execute(unreadable, {"event": new_id()}).rowcount)
    (found,) = await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER)
    assert found.unproven.last_written == MORNING
    await database.write(LOCAL_CLINIC, read_a_note, LATER)
    with pytest.raises(InputError, match="a service has it on its ring"):
        await count_to_give_up(commands, [LOCAL_CLINIC], "k1", LATER)


async def test_a_service_that_turns_up_with_the_key_meanwhile_stops_it_and_what_was_removed_stays_removed(
    commands: Database, store_urls: StoreUrls
) -> None:
    now = ticking(start=LATER)
    reported: list[int] = []

    async def serve() -> None:
        service = open_database(store_urls.service, KEYRING)
        try:
            await service.write(OTHER_CLINIC, read_a_note, now())
        finally:
            await service.close()

    def turn_up(done: int) -> None:
        reported.append(done)
        with ThreadPoolExecutor(1) as thread:  # another process, which the command does not wait for
            thread.submit(asyncio.run, serve()).result()

    assert await count_to_give_up(commands, [LOCAL_CLINIC], "k1", now())
    with pytest.raises(InputError, match="a service has it on its ring"):
        await give_up(commands, LOCAL_CLINIC, "k1", now, turn_up)
    assert reported == [PATIENTS_AT_A_TIME]
    assert await count_patients(commands) == 3
