from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # it has no types, nor have the dependencies its stubs
import orjson
import pytest

from app.access import Scope
from app.services.examples import FIRST
from app.services.service import Service
from bench.bodies import pool
from tests.routers.door import Door
from tests.stores import only_sqlite

BATCH = "/v1/consultations:batch"
NDJSON = {"Content-Type": "application/x-ndjson"}
BODIES = [orjson.dumps(body) for body in pool(12, seed=7)]
WRONG = orjson.dumps(FIRST | {"complaint": {"regions": ["lumbar"], "leg_pain": 11}})


async def send(
    caller: httpx.AsyncClient, lines: Iterable[bytes], key: str | None = None, query: str = ""
) -> list[dict[str, Any]]:
    headers = NDJSON | ({} if key is None else {"Idempotency-Key": key})
    answer = await caller.post(BATCH + query, content=b"\n".join(lines), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def count(caller: httpx.AsyncClient) -> int:
    return len((await caller.get("/v1/consultations", params={"limit": 200})).json()["consultations"])


async def test_each_line_is_stored_and_answered_in_its_place(clinic: httpx.AsyncClient) -> None:
    results = await send(clinic, BODIES)
    assert [result["line"] for result in results] == list(range(1, len(BODIES) + 1))
    assert {(result["status"], result["revision"]) for result in results} == {(201, 1)}
    for sent, result in zip(BODIES, results, strict=True):
        stored = (await clinic.get(result["links"]["self"])).json()
        assert stored["consultation"] == orjson.loads(sent)
        assert stored["id"] == result["id"]
        assert (stored["note"]["headline"], stored["note"]["urgency"]) == (result["headline"], result["urgency"])
    assert await count(clinic) == len(BODIES)


@only_sqlite
async def test_a_bad_line_harms_no_other(clinic: httpx.AsyncClient, service: Service) -> None:
    too_long = b'"' + b"x" * service.body_limit + b'"'
    lines = [BODIES[0], b"not JSON", b"", WRONG, b" \r", too_long, b"[]", b'{"a": 1} {}', BODIES[1]]
    results = await send(clinic, lines)
    assert [(each["line"], each["status"]) for each in results] == [
        (1, 201),
        (2, 400),
        (4, 422),
        (6, 413),
        (7, 422),
        (8, 400),
        (9, 201),
    ]
    for result in results:
        if "problem" in result:
            assert result["problem"]["status"] == result["status"]
            assert result["problem"]["code"]
    assert results[2]["problem"]["errors"][0]["pointer"] == "/complaint/leg_pain"
    assert await count(clinic) == 2


@only_sqlite
async def test_the_refused_lines_of_a_batch_are_one_event_of_the_audit(clinic: httpx.AsyncClient) -> None:
    await send(clinic, [BODIES[0], b"not JSON", WRONG, WRONG, BODIES[1]])
    events = (await clinic.get("/v1/audit")).json()["events"]
    told = [event["outcome"] for event in events if event["action"] == "consultation.recorded"]
    assert sorted(told) == ["done", "done", "lines-refused"]
    (refused,) = (event for event in events if event["outcome"] == "lines-refused")
    assert refused["detail"] == {"lines": {"invalid-input": 2, "malformed-body": 1}}


@only_sqlite
async def test_a_line_is_refused_as_it_would_be_alone(clinic: httpx.AsyncClient) -> None:
    alone = await clinic.post("/v1/consultations", content=WRONG, headers={"Content-Type": "application/json"})
    (result,) = await send(clinic, [WRONG])
    assert result["problem"] == alone.json()


@only_sqlite
async def test_lines_may_arrive_in_any_pieces(clinic: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        body = b"\n".join([BODIES[0], b"", WRONG, BODIES[1]])
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    answer = await clinic.post(BATCH, content=pieces(), headers=NDJSON)
    assert [(each["line"], each["status"]) for each in map(orjson.loads, answer.content.splitlines())] == [
        (1, 201),
        (3, 422),
        (4, 201),
    ]


async def test_the_same_batch_again_stores_nothing_and_is_answered_the_same(clinic: httpx.AsyncClient) -> None:
    first = await send(clinic, [*BODIES[:5], WRONG], key="nightly")
    assert await send(clinic, [*BODIES[:5], WRONG], key="nightly") == first
    assert await count(clinic) == 5


@only_sqlite
async def test_a_batch_that_is_sent_again_stores_only_what_it_had_not(clinic: httpx.AsyncClient) -> None:
    first = await send(clinic, BODIES[:3], key="nightly")
    again = await send(clinic, BODIES[:6], key="nightly")
    assert again[:3] == first
    assert [each["status"] for each in again] == [201] * 6
    assert await count(clinic) == 6


async def test_another_body_on_the_same_line_is_refused_there_alone(clinic: httpx.AsyncClient) -> None:
    first = await send(clinic, BODIES[:3], key="nightly")
    again = await send(clinic, [BODIES[0], BODIES[9], BODIES[2]], key="nightly")
    assert (again[0], again[2]) == (first[0], first[2])
    assert (again[1]["status"], again[1]["problem"]["code"]) == (422, "idempotency-key-reused")
    assert await count(clinic) == 3


@only_sqlite
async def test_equal_lines_are_two_consultations(clinic: httpx.AsyncClient) -> None:
    first, second = await send(clinic, [BODIES[0], BODIES[0]], key="nightly")
    assert first["id"] != second["id"]


@only_sqlite
async def test_whole_notes_are_answered_when_asked_for(clinic: httpx.AsyncClient) -> None:
    (result,) = await send(clinic, [BODIES[0]], query="?notes=full")
    assert result["note"] == (await clinic.get(result["links"]["note"])).json()


async def test_two_batches_with_one_key_at_once_store_each_line_once(clinic: httpx.AsyncClient) -> None:
    results = await asyncio.gather(*(send(clinic, BODIES, key="nightly") for _ in range(2)))
    for one, other in zip(*results, strict=True):
        assert {one["status"], other["status"]} <= {201, 409}
        running = [each for each in (one, other) if each["status"] == 409]
        assert all(each["retry_after"] >= 1 for each in running)
        assert len({each["id"] for each in (one, other) if each["status"] == 201}) <= 1
    again = await send(clinic, BODIES, key="nightly")
    assert {each["status"] for each in again} == {201}
    assert await count(clinic) == len(BODIES)


@only_sqlite
@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Content-Type": "application/json"}, "", 415),
        (NDJSON | {"Content-Encoding": "gzip"}, "", 415),
        (NDJSON, "?notes=some", 422),
        (NDJSON, "?note=full", 422),
        (NDJSON | {"Accept": "application/json"}, "", 406),
        (NDJSON | {"Idempotency-Key": "ü".encode()}, "", 422),
    ],
)
async def test_what_is_wrong_with_the_request_is_answered_before_any_line(
    clinic: httpx.AsyncClient, headers: dict[str, Any], query: str, status: int
) -> None:
    answer = await clinic.post(BATCH + query, content=BODIES[0], headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await count(clinic) == 0


@only_sqlite
async def test_a_batch_needs_the_scope_to_write(door: Door, clinic: httpx.AsyncClient) -> None:
    async with door.caller((await door.make_key(scopes=frozenset({Scope.CONSULTATIONS_READ}))).text) as reader:
        answer = await reader.post(BATCH, content=BODIES[0], headers=NDJSON)
    assert answer.status_code == 403
    assert await count(clinic) == 0


@only_sqlite
@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n"])
async def test_a_batch_of_no_lines_is_answered_with_none(clinic: httpx.AsyncClient, content: bytes) -> None:
    answer = await clinic.post(BATCH, content=content, headers=NDJSON)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_another_clinic_sees_nothing_of_a_batch(clinic: httpx.AsyncClient, other: httpx.AsyncClient) -> None:
    (result,) = await send(clinic, [BODIES[0]], key="nightly")
    assert (await other.get(result["links"]["self"])).status_code == 404
    (theirs,) = await send(other, [BODIES[1]], key="nightly")
    assert theirs["status"] == 201


@only_sqlite
async def test_every_result_has_the_shape_that_is_documented(clinic: httpx.AsyncClient) -> None:
    document = (await clinic.get("/openapi.json")).json()
    schema = {"$ref": "#/components/schemas/BatchResult", "components": document["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    results = await send(clinic, [BODIES[0], b"not JSON", WRONG], query="?notes=full")
    shown = document["paths"][BATCH]["post"]["responses"]["200"]["content"]["application/x-ndjson"]["examples"]
    for reference in shown.values():
        example = document["components"]["examples"][reference["$ref"].rpartition("/")[2]]["value"]
        results.append(example)
    for result in results:
        validator.validate(result)
    assert {"note" in result for result in results} == {True, False}
