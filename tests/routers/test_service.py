from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.routers.health import Readiness
from app.services.service import Service
from app.store import open_database
from tests.access.clock import Clock
from tests.routers.door import Door
from tests.stores import KEYRING


async def test_a_working_service_is_up_and_ready(clinic: httpx.AsyncClient) -> None:
    assert (await clinic.get("/healthz")).json() == {"status": "ok"}
    assert (await clinic.get("/readyz")).json() == {"status": "ready"}


async def test_a_service_without_a_schema_is_up_but_not_ready_and_only_its_log_says_why(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "empty.db").touch()
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}", KEYRING)
    async with Door(replace(service, database=empty), empty).caller(None) as client:
        assert (await client.get("/healthz")).status_code == 200
        refused = await client.get("/readyz")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert refused.json()["code"] == "store-unavailable"
        assert refused.json()["detail"] == "the store cannot be used at this moment; why stands in the service's log"
    (reason,) = (record.getMessage() for record in caplog.records if record.name == "spine_triage.readiness")
    assert reason.startswith("not ready: ")
    assert "schema" in reason
    await empty.close()


async def test_all_who_ask_whether_it_is_ready_share_one_look_at_the_store() -> None:
    clock, go_on, looks = Clock(), asyncio.Event(), 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        await go_on.wait()

    readiness = Readiness(look, clock.monotonic)
    asking = [asyncio.create_task(readiness.is_ready()) for _ in range(100)]
    await asyncio.sleep(0)
    asking.pop().cancel()
    go_on.set()
    assert await asyncio.gather(*asking) == [True] * 99
    assert await readiness.is_ready()
    assert looks == 1
    clock.go_on(1)
    assert await readiness.is_ready()
    assert looks == 2


async def test_figures_of_all_clinics_are_for_the_operator_alone(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    assert "spine_triage_requests_total" in (await clinic.get("/metrics")).text
    refused = await other.get("/metrics")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "`local`" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/nothing", 404),
        ("GET", "/v1/triage", 405),
        ("GET", "/v1/triage/", 404),
        ("DELETE", "/v1/consultations", 405),
        ("PUT", "/v1/consultations/1", 405),
        ("POST", "/v1/vocabulary", 405),
        ("POST", "/healthz", 405),
        ("BREW", "/v1/rulebook", 405),
    ],
)
async def test_what_there_is_not_is_a_problem(
    clinic: httpx.AsyncClient, method: str, address: str, status: int
) -> None:
    response = await clinic.request(method, address)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert response.headers["allow"]


@pytest.mark.parametrize("address", ["/v1/consultations", "/v1/vocabulary", "/v1/rulebook", "/healthz", "/docs"])
async def test_head_is_answered_as_get_without_a_body(clinic: httpx.AsyncClient, address: str) -> None:
    got, asked = await clinic.get(address), await clinic.head(address)
    assert asked.content == b""
    assert asked.status_code == got.status_code
    assert asked.headers["content-length"] == got.headers["content-length"]


async def test_the_page_of_the_documentation_shows_the_document(clinic: httpx.AsyncClient) -> None:
    assert "openapi.json" in (await clinic.get("/docs")).text
