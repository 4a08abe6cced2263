from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest

from app.access import Action
from app.services.input import parse_consultation
from app.services.judge import judge
from app.services.revise import revise
from app.services.service import Service
from app.store import Database, Unit, add_revision, erase_reference, open_database
from app.triage import Triage
from tests.postgres.cluster import Cluster
from tests.services.moving.carrying import BODIES, bring_in, fill, take_out
from tests.stores import KEYRING, make_call, make_service, only_postgres

_SOMEBODY_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"

Meanwhile = Callable[[Unit, Service, str], Any]


@pytest.fixture
async def elsewhere(cluster: Cluster, postgres_template: str) -> AsyncIterator[Database]:
    """Another database than `database`, as its owner reaches it."""
    urls = cluster.make_database(postgres_template)
    opened = open_database(urls.owner, KEYRING, patient=True)
    yield opened
    await opened.close()
    cluster.drop_database(urls.name)


def revise_meanwhile(unit: Unit, service: Service, this: str) -> None:
    add_revision(unit, this, 1, judge(service, parse_consultation(orjson.loads(BODIES[3]))), service.now())


def erase_meanwhile(unit: Unit, _: Service, __: str) -> None:
    erase_reference(unit, orjson.loads(BODIES[2])["patient"]["reference"])


@only_postgres
@pytest.mark.parametrize(
    ("meanwhile", "codes", "stored"),
    [(revise_meanwhile, ["different"], 0), (erase_meanwhile, [], 1)],
    ids=["revised", "erased"],
)
async def test_what_others_change_while_an_import_would_extend_it_does_not_end_the_import(
    service: Service,
    owned: Database,
    elsewhere: Database,
    triage: Triage,
    meanwhile: Meanwhile,
    codes: list[str],
    stored: int,
) -> None:
    made = await fill(service)
    there = make_service(elsewhere, triage)
    await bring_in(there, elsewhere, await take_out(service, owned))
    since = service.now()
    for this in (made[2], made[4]):
        await revise(service, make_call(Action.CONSULTATION_REVISED), this, {"complaint": {"onset": "sudden"}}, 1)
    lines = await take_out(service, owned, since)
    has_begun = asyncio.Event()

    def change(unit: Unit) -> None:
        meanwhile(unit, there, made[2])
        has_begun.set()
        while not unit.connection.exec_driver_sql(_SOMEBODY_WAITS).scalar_one():
            pass

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(elsewhere.write("local", change))
        await has_begun.wait()
        importing = tasks.create_task(bring_in(there, elsewhere, lines))
    tally, rejected = importing.result()
    assert [each.code for each in rejected] == codes
    assert (tally.stored, tally.extended) == (stored, 1)
