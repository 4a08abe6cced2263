"""A service that is there before its database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from app.services.examples import FIRST
from tests.postgres.cluster import Cluster, DatabaseUrls
from tests.processes.site import postgres_site


async def test_a_service_started_before_its_database_says_so_and_serves_once_it_is_there(
    tmp_path: Path, durable: Cluster, urls: DatabaseUrls
) -> None:
    site = await asyncio.to_thread(
        postgres_site, tmp_path, urls.service, urls.owner, lambda sql: durable.execute(sql, urls.name)
    )
    service = site.service(program=("-m", "tests.processes.by_factory"))
    durable.stop()
    try:
        # Our own command ends instead, so that whoever supervises it sees that it has no database.
        refused = await asyncio.to_thread(site.service().run, "serve", "--port", str(service.port))
        assert (refused.returncode, refused.stderr) == (
            3,
            "the database did not answer, or its schema is not the expected one\n",
        )
        await asyncio.to_thread(service.start, "/healthz")
        async with httpx.AsyncClient(
            base_url=service.address, headers=site.headers, trust_env=False, timeout=30
        ) as http:
            for answer in (await http.get("/readyz"), await http.post("/v1/consultations", json=FIRST)):
                assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
                assert answer.headers["Retry-After"].isdecimal()
            await asyncio.to_thread(durable.start)
            await asyncio.sleep(1.1)  # for a second, what was found before is told
            await asyncio.to_thread(service.wait_for, "/readyz")
            assert (await http.post("/v1/consultations", json=FIRST)).status_code == 201
    finally:
        service.kill()
        durable.restart()
