"""The readable rulebook by content negotiation."""

from __future__ import annotations

import httpx
import pytest

from app.routers.described.answers import RulebookDescribed
from app.services.service import Service
from app.triage.book import CONTENT_SECURITY_POLICY, to_html, write_book
from tests.stores import only_sqlite

pytestmark = only_sqlite

ADDRESS = "/v1/rulebook"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html;q=0.5, text/markdown", "text/markdown; charset=utf-8"),
        ("text/*", "text/markdown; charset=utf-8"),
    ],
)
async def test_the_rulebook_answers_in_the_form_that_is_asked_for(
    clinic: httpx.AsyncClient, accept: str | None, media: str
) -> None:
    clinic.headers.pop("accept", None)
    answered = await clinic.get(ADDRESS, headers={} if accept is None else {"Accept": accept})
    assert (answered.status_code, answered.headers["content-type"]) == (200, media)
    assert answered.headers["vary"] == "Accept"


async def test_its_texts_are_those_of_the_command_line(clinic: httpx.AsyncClient, service: Service) -> None:
    text = write_book(service.triage.rulebook)
    assert (await clinic.get(ADDRESS, headers={"Accept": "text/markdown"})).text == text
    assert (await clinic.get(ADDRESS, headers={"Accept": "text/html"})).text == to_html(text)


async def test_the_page_may_neither_run_nor_load_anything(clinic: httpx.AsyncClient) -> None:
    answered = await clinic.get(ADDRESS, headers={"Accept": "text/html"})
    assert answered.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answered.headers["x-content-type-options"] == "nosniff"


async def test_each_form_has_a_tag_of_its_own_and_is_sent_once(clinic: httpx.AsyncClient) -> None:
    tags = {}
    for media in ("application/json", "text/markdown", "text/html"):
        tags[media] = (await clinic.get(ADDRESS, headers={"Accept": media})).headers["etag"]
        again = await clinic.get(ADDRESS, headers={"Accept": media, "If-None-Match": tags[media]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tags[media]
    assert len(set(tags.values())) == 3
    other = await clinic.get(ADDRESS, headers={"Accept": "text/html", "If-None-Match": tags["text/markdown"]})
    assert other.status_code == 200


async def test_another_form_is_refused_and_told_which_there_are(clinic: httpx.AsyncClient) -> None:
    refused = await clinic.get(ADDRESS, headers={"Accept": "application/pdf"})
    assert refused.status_code == 406
    assert refused.headers["content-type"] == "application/problem+json"
    assert "application/json or text/markdown or text/html" in refused.json()["detail"]


async def test_the_json_carries_the_thirteen_source_attributes(clinic: httpx.AsyncClient) -> None:
    described = (await clinic.get(ADDRESS)).json()
    RulebookDescribed.model_validate(described)
    attributes = {entry["attribute"]: entry for entry in described["source_attributes"]}
    assert len(attributes) == 13
    assert attributes["sex"]["used"] is True
    assert attributes["race"]["used"] is False


async def test_the_document_describes_all_three_forms(clinic: httpx.AsyncClient) -> None:
    document = (await clinic.get("/openapi.json")).json()
    content = document["paths"][ADDRESS]["get"]["responses"]["200"]["content"]
    assert list(content) == ["application/json", "text/markdown", "text/html"]
