"""Exactly what a caller is told whose database cannot be heard."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from time import monotonic

import httpx
import pytest

from app.services.examples import FIRST
from tests.chaos.effort import CHAOS
from tests.chaos.trial import PostgresTrial, postgres_trial
from tests.postgres.cluster import Cluster, DatabaseUrls
from tests.processes.breaking import hold_tables

WAIT = "SET statement_timeout = '20s'; DO $$ BEGIN WHILE NOT ({}) LOOP PERFORM pg_sleep(0.005); END LOOP; END $$"
IS_WAITING = "EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
TO_HANG_UP = 4.0
"""Seconds that closing a silent connection may take beyond the limit: two, and as much for a slow machine."""

COUNT = "SELECT count(*) FROM consultations"
BEFORE = 6


async def wait_until(trial: PostgresTrial, condition: str) -> None:
    await asyncio.to_thread(trial.cluster.execute, WAIT.format(condition), trial.database)


def caller(trial: PostgresTrial, service: int = 0) -> httpx.AsyncClient:
    address = trial.services[service].address
    return httpx.AsyncClient(base_url=address, headers=trial.site.headers, trust_env=False, timeout=60)


async def store(http: httpx.AsyncClient, key: str) -> httpx.Response:
    return await http.post("/v1/consultations", json=FIRST, headers={"Idempotency-Key": key})


async def test_a_commit_nobody_heard_of_is_a_503_and_then_the_same_201_from_every_service(
    tmp_path: Path, durable: Cluster, urls: DatabaseUrls
) -> None:
    async with (
        postgres_trial(tmp_path, durable, urls, request_seconds=20) as trial,
        caller(trial) as http,
        caller(trial, 1) as other,
    ):
        # So often that each connection knows the statement, and sends it without asking about it first.
        assert {(await store(http, f"before-{number}")).status_code for number in range(BEFORE)} == {201}
        with hold_tables(durable, urls.name, "receipts"):
            unheard = asyncio.create_task(store(http, "b"))
            await wait_until(trial, IS_WAITING)
            trial.proxy.hold(answers_only=True)
        await wait_until(trial, f"({COUNT}) > {BEFORE}")
        trial.proxy.cut()
        trial.proxy.release()
        refused = await unheard
        assert (refused.status_code, refused.json()["code"]) == (503, "store-unavailable")
        assert refused.headers["Retry-After"].isdecimal()
        # The other service's connections were cut as well, of which it learns when it next uses them.
        while (await store(other, "b")).status_code == 503:
            pass
        answers = [await store(each, "b") for each in (http, other, http)]
        assert {answer.status_code for answer in answers} == {201}
        assert len({(answer.content, answer.headers["ETag"]) for answer in answers}) == 1
        assert trial.site.rows(COUNT) == str(BEFORE + 1)


@pytest.mark.parametrize("limit", [2.0, 30.0] if CHAOS else [2.0])
async def test_a_database_that_says_nothing_is_a_503_within_the_limit_of_a_request(
    limit: float, tmp_path: Path, durable: Cluster, urls: DatabaseUrls
) -> None:
    async with (
        postgres_trial(tmp_path, durable, urls, request_seconds=limit, services=1) as trial,
        caller(trial) as http,
    ):
        stored = await store(http, "a")
        assert stored.status_code == 201
        durable.signal_all(signal.SIGSTOP)
        try:
            began = monotonic()
            posts = (store(http, f"key-{number}") for number in range(40))
            answers = await asyncio.gather(*posts, http.get(stored.headers["Location"]))
            assert monotonic() - began < limit + TO_HANG_UP
            assert {answer.status_code for answer in answers} == {503}
            assert all(answer.headers["Retry-After"].isdecimal() for answer in answers)
            assert (await http.get("/healthz")).status_code == 200
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.headers["Retry-After"].isdecimal()) == (503, True)
        finally:
            durable.signal_all(signal.SIGCONT)
        again = await store(http, "a")
        assert (again.status_code, again.content) == (201, stored.content)
