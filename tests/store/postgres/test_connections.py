"""Connections are shared by clinics one after the other, and belong to a role that row-level security holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.util import await_only

from app.errors import StoreUnavailable
from app.models import LOCAL_CLINIC
from app.store import Database, Filter, PoolState, Unit, every_clinic, open_database, search
from app.store.postgres.database import PostgresDatabase
from tests.postgres.cluster import GROUP, OWNER, Cluster
from tests.store.samples import add, add_in, new_id
from tests.stores import KEYRING, OTHER_CLINIC, StoreUrls, only_postgres

pytestmark = only_postgres

WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST('notes' AS regclass)")
BOUND = text("SELECT pg_backend_pid(), current_setting('spine_triage.clinic', true)")


@pytest.fixture
async def single(database: Database, store_urls: StoreUrls) -> AsyncIterator[Database]:
    """The database over one connection, which all clinics take turns with."""
    opened = PostgresDatabase(store_urls.service, KEYRING, pool=1)
    yield opened
    await opened.close()


def bound(unit: Unit) -> tuple[int, str]:
    """Which connection this is, and the clinic that it is bound to."""
    row = unit.connection.execute(BOUND).one()
    return row[0], row[1]


async def test_a_connection_never_keeps_the_clinic_of_the_transaction_before(single: Database) -> None:
    def bind_and_fail(unit: Unit) -> None:
        assert bound(unit)[1] == unit.clinic
        raise ValueError(unit.clinic)

    async def unbound() -> tuple[int, str]:
        return await single.survey(lambda connection: tuple(connection.execute(BOUND).one()))

    connection, before = await unbound()
    assert not before
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC, LOCAL_CLINIC):
        assert await single.write(clinic, bound) == (connection, clinic)
        assert await unbound() == (connection, "")
        assert await single.read(clinic, bound) == (connection, clinic)
        assert await unbound() == (connection, "")
        await add(single, new_id(), clinic=clinic)
        assert await unbound() == (connection, "")
        for attempt in (single.write, single.read):
            with pytest.raises(ValueError, match=clinic):
                await attempt(clinic, bind_and_fail)
            assert await unbound() == (connection, "")
        assert await single.survey(every_clinic) == []


async def test_clinics_at_once_over_few_connections_never_see_each_other(database: Database) -> None:
    ids = {clinic: {new_id() for _ in range(30)} for clinic in (LOCAL_CLINIC, OTHER_CLINIC)}

    async def add_and_look(clinic: str, this: str) -> set[str]:
        await add(database, this, clinic=clinic)
        page = await database.read(clinic, search, Filter(), None, 100)
        return {each.consultation_id for each in page.consultations}

    looked = [(clinic, add_and_look(clinic, this)) for clinic in ids for this in ids[clinic]]
    seen = await asyncio.gather(*(look for _, look in looked))
    for (clinic, _), found in zip(looked, seen, strict=True):
        assert found
        assert found <= ids[clinic]


async def test_a_caller_who_left_in_the_middle_leaves_nothing_and_gives_the_connection_back(single: Database) -> None:
    begun = asyncio.Event()

    def add_and_wait(unit: Unit) -> None:
        add_in(unit, new_id())
        begun.set()
        await_only(asyncio.Event().wait())

    leaving = asyncio.ensure_future(single.write(LOCAL_CLINIC, add_and_wait))
    await asyncio.wait_for(begun.wait(), 10)
    waiting = asyncio.ensure_future(single.read(LOCAL_CLINIC, search, Filter(), None, 10))
    await asyncio.sleep(0)
    assert single.pool_state() == PoolState(size=1, in_use=1, waiting=1)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await waiting
    assert (await single.read(LOCAL_CLINIC, search, Filter(), None, 10)).consultations == ()
    assert single.pool_state() == PoolState(size=1)


async def test_who_leaves_while_a_consultation_is_stored_leaves_a_connection_for_the_next(
    single: Database, owned: Database
) -> None:
    locked, enough = asyncio.Event(), asyncio.Event()

    def lock(unit: Unit) -> None:
        unit.connection.execute(text("LOCK TABLE notes IN EXCLUSIVE MODE"))
        locked.set()
        await_only(enough.wait())

    locking = asyncio.ensure_future(owned.write(LOCAL_CLINIC, lock))
    await asyncio.wait_for(locked.wait(), 10)
    leaving = asyncio.ensure_future(add(single, new_id()))
    while not await owned.survey(lambda found: found.execute(WAITS).scalar_one()):  # noqa: ASYNC110 - the server's affair
        await asyncio.sleep(0.01)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    enough.set()
    await locking
    await add(single, this := new_id())
    found = await single.read(LOCAL_CLINIC, search, Filter(), None, 10)
    assert this in {each.consultation_id for each in found.consultations}
    assert single.pool_state() == PoolState(size=1)


async def test_rows_that_are_cancelled_while_they_are_read_a_few_at_a_time_are_unavailable(single: Database) -> None:
    def read(unit: Unit) -> None:
        unit.connection.execute(text("SET LOCAL statement_timeout = '200ms'"))
        slow = text("SELECT pg_sleep(0.1) FROM generate_series(1, 100)").execution_options(yield_per=10)
        unit.connection.execute(slow).all()

    with pytest.raises(StoreUnavailable):
        await single.read(LOCAL_CLINIC, read)
    assert single.pool_state() == PoolState(size=1)


async def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(
    single: Database, cluster: Cluster
) -> None:
    before, _ = await single.read(LOCAL_CLINIC, bound)
    cluster.execute(f"SELECT pg_terminate_backend({before}, 10000)")
    await asyncio.sleep(0.1)  # for the loop to hear of it
    await add(single, new_id())
    after, _ = await single.read(LOCAL_CLINIC, bound)
    assert after != before


async def test_all_that_one_read_sees_is_of_one_moment(database: Database) -> None:
    seen, written = asyncio.Event(), asyncio.Event()

    def twice(unit: Unit) -> tuple[int, int]:
        before = len(search(unit, Filter(), None, 10).consultations)
        seen.set()
        await_only(asyncio.wait_for(written.wait(), 10))
        return before, len(search(unit, Filter(), None, 10).consultations)

    reading = asyncio.ensure_future(database.read(LOCAL_CLINIC, twice))
    await asyncio.wait_for(seen.wait(), 10)
    await add(database, new_id())
    written.set()
    assert await reading == (0, 0)
    assert len((await database.read(LOCAL_CLINIC, search, Filter(), None, 10)).consultations) == 1


async def test_only_services_are_cut_off_when_they_dawdle_in_a_transaction(database: Database, owned: Database) -> None:
    shown = text("SHOW idle_in_transaction_session_timeout")
    for opened, limit in ((database, "30s"), (owned, "0")):
        assert await opened.survey(lambda connection: connection.execute(shown).scalar_one()) == limit


async def test_the_service_s_role_is_good_enough(database: Database) -> None:
    await database.check()
    await database.check_role()


@pytest.fixture
def too_strong(cluster: Cluster) -> Iterator[dict[str, str]]:
    """Roles that row-level security would let pass, in one way or another."""
    roles = {
        "bypasses": f"LOGIN BYPASSRLS IN ROLE {GROUP}",
        "inherits_owner": f"LOGIN IN ROLE {GROUP}, {OWNER}",
        "superuser_too": f"LOGIN SUPERUSER IN ROLE {GROUP}",
    }
    for name, rights in roles.items():
        cluster.execute(f"CREATE ROLE {name} {rights}")
    yield roles
    for name in roles:
        cluster.execute(f"DROP ROLE {name}")


async def test_a_role_that_could_see_other_clinics_is_refused(
    owned: Database, store_urls: StoreUrls, too_strong: dict[str, str]
) -> None:
    with pytest.raises(StoreUnavailable, match="a member of spine_triage_service"):
        await owned.check_role()
    for role in too_strong:
        database = open_database(store_urls.service.replace("triage_service@", f"{role}@"), KEYRING)
        try:
            await database.check()
            with pytest.raises(StoreUnavailable, match="a member of spine_triage_service"):
                await database.check_role()
        finally:
            await database.close()
