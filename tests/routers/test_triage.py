from __future__ import annotations

import httpx
import pytest

from app.services.examples import FIRST
from app.triage import Note
from tests.stores import only_sqlite

pytestmark = only_sqlite


async def test_a_posted_consultation_is_answered_with_a_note(clinic: httpx.AsyncClient) -> None:
    response = await clinic.post("/v1/triage", json=FIRST)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    Note.model_validate(response.json())
    assert response.json()["urgency"]["at_most"] == "emergency"


async def test_nothing_is_stored(clinic: httpx.AsyncClient) -> None:
    await clinic.post("/v1/triage", json=FIRST)
    assert (await clinic.get("/v1/consultations")).json()["consultations"] == []


async def test_a_note_may_be_asked_for_as_text(clinic: httpx.AsyncClient) -> None:
    response = await clinic.post("/v1/triage", json=FIRST, headers={"Accept": "text/plain"})
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "ASK NEXT" in response.text


async def test_categories_that_the_facts_rule_out_are_listed_on_request(clinic: httpx.AsyncClient) -> None:
    relevant = (await clinic.post("/v1/triage", json=FIRST)).json()["categories"]
    every = (await clinic.post("/v1/triage?categories=all", json=FIRST)).json()["categories"]
    assert "not_supported" not in {category["status"] for category in relevant}
    assert len(every) >= len(relevant)


@pytest.mark.parametrize("query", ["categorys=all", "categories=some", "categories=all&categories=all", "categories="])
async def test_a_query_that_means_nothing_is_refused(clinic: httpx.AsyncClient, query: str) -> None:
    response = await clinic.post(f"/v1/triage?{query}", json=FIRST)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/query/categor")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/plain; charset=utf-8"),
        ("application/json;q=0.4, text/plain;q=0.5", "text/plain; charset=utf-8"),
        ("text/plain;q=0.5, */*;q=0.1", "text/plain; charset=utf-8"),
        ("text/plain, application/json", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", "text/plain; charset=utf-8"),
        ("TEXT/Plain ; Q=1.0", "text/plain; charset=utf-8"),
        ("", "application/json"),
        ("rubbish", "application/json"),
    ],
)
async def test_the_representation_is_the_one_that_accept_ranks_highest(
    clinic: httpx.AsyncClient, accept: str, media: str
) -> None:
    response = await clinic.post("/v1/triage", json=FIRST, headers={"Accept": accept})
    assert response.headers["content-type"] == media


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*", "*/*;q=0", "text/plain;q=2"])
async def test_an_accept_that_nothing_can_meet_is_a_406(clinic: httpx.AsyncClient, accept: str) -> None:
    response = await clinic.post("/v1/triage", json=FIRST, headers={"Accept": accept})
    assert response.status_code == 406
    assert response.json()["code"] == "not-acceptable"
