from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # it has no types, nor have the dependencies its stubs
import pytest
from pydantic import TypeAdapter

from app.access import OPEN, Scope
from app.services.examples import FIRST
from app.triage import Note
from tests.routers.door import Door

README = Path(__file__).parents[2] / "README.md"
METHODS = {"get", "post", "patch", "delete"}
PROBLEM = "application/problem+json"


@pytest.fixture
def store_kind() -> str:
    """The document is the same whichever the store."""
    return "sqlite"


@pytest.fixture
async def document(door: Door) -> Any:
    return json.loads(json.dumps(door.app.openapi()))


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def resolve(document: Any, value: Any) -> Any:
    while "$ref" in value:
        found = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def examples(document: Any, content: Any) -> Iterator[Any]:
    for example in content.get("examples", {}).values():
        yield resolve(document, example)["value"]


def check(document: Any, schema: Any, value: Any) -> None:
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


async def test_every_operation_is_named_once_and_explained(document: Any) -> None:
    found = list(operations(document))
    assert len({operation["operationId"] for _, _, operation in found}) == len(found) >= 20
    for _, _, operation in found:
        assert operation["summary"]
        assert operation["tags"]


async def test_every_operation_shows_a_real_answer_that_fits_its_schema(document: Any) -> None:
    for path, method, operation in operations(document):
        status, answer = next((s, a) for s, a in operation["responses"].items() if s.startswith("2"))
        assert status in {"200", "201", "204"}
        assert ("content" in answer) == (status != "204")
        for media, content in answer.get("content", {}).items():
            shown = list(examples(document, content))
            assert shown, (method, path, media)
            for example in shown:
                check(document, content["schema"], example)


async def test_every_operation_describes_its_problems_as_problems(document: Any) -> None:
    for path, method, operation in operations(document):
        assert "default" in operation["responses"]
        for status, response in operation["responses"].items():
            if status[0] in "45d":
                assert list(response["content"]) == [PROBLEM], (method, path, status)
                for example in examples(document, response["content"][PROBLEM]):
                    check(document, response["content"][PROBLEM]["schema"], example)


async def test_every_operation_says_which_scope_it_needs_and_how_it_refuses(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    assert all(scheme["type"] == "http" and scheme["scheme"] == "bearer" for scheme in schemes.values())
    assert {scheme for each in document["security"] for scheme in each} == set(schemes)
    for path, method, operation in operations(document):
        if path in OPEN:
            assert operation["security"] == []
            continue
        (scope,) = {scope for each in operation["security"] for scope in next(iter(each.values()))}
        assert [next(iter(each)) for each in operation["security"]] == list(schemes)
        assert scope in list(Scope)
        for status, header in (("401", "WWW-Authenticate"), ("403", "WWW-Authenticate"), ("429", "Retry-After")):
            assert header in operation["responses"][status]["headers"], (method, path)


async def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))):
        assert resolve(document, {"$ref": reference})


async def test_every_body_that_is_shown_is_accepted_in_its_turn(clinic: httpx.AsyncClient) -> None:
    document = (await clinic.get("/openapi.json")).json()
    address = (await clinic.post("/v1/consultations", json=FIRST)).headers["location"]
    tried = 0
    for path, method, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            for example in examples(document, content):
                check(document, content["schema"], example)
                at = path.replace("/v1/consultations/{consultation_id}", address)
                newest = (await clinic.get(address)).headers["etag"]
                headers = {"Content-Type": media, "If-Match": newest}
                response = await clinic.request(method, at, content=json.dumps(example), headers=headers)
                assert response.status_code in {200, 201}, (method, path, response.text)
                described = operation["responses"][str(response.status_code)]["content"]
                schema = described[response.headers["content-type"]]["schema"]
                for line in response.content.splitlines():  # of which JSON is one
                    check(document, schema, json.loads(line))
                tried += 1
    assert tried >= 3


async def test_a_shown_note_is_what_the_service_answers(clinic: httpx.AsyncClient) -> None:
    shown = (await clinic.get("/openapi.json")).json()["components"]["examples"]["note"]["value"]
    assert (await clinic.post("/v1/triage", json=FIRST)).json() == shown
    TypeAdapter(Note).validate_python(shown)


async def test_answers_carry_the_headers_that_are_described(clinic: httpx.AsyncClient, document: Any) -> None:
    described = document["paths"]["/v1/consultations"]["post"]["responses"]["201"]["headers"]
    answered = await clinic.post("/v1/consultations", json=FIRST)
    assert {name.lower() for name in described} == {"location", "etag"} <= set(answered.headers)


def test_the_first_example_is_that_of_the_readme() -> None:
    blocks = re.findall(r"```json\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert FIRST in [json.loads(block) for block in blocks]
