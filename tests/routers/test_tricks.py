"""Every parameter of every operation, filled with what has broken other services: refused in words, or harmless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from app.routers.described.problem_schema import MEDIA_TYPE
from tests.routers.door import Door
from tests.routers.operations import Operation, Place, every_operation, store
from tests.stores import OTHER_CLINIC, only_postgres

REFERENCE = "MRN-1"
TRICKS = [
    "' OR 1=1 --",
    "' OR '1'='1",
    "'; DROP TABLE consultations; --",
    "1); DELETE FROM audit_events; --",
    "' UNION SELECT wrapped_key FROM patients --",
    "$1",
    ":clinic",
    "%(clinic)s",
    "%",
    "_",
    "*",
    f"{REFERENCE}%",
    f"{REFERENCE}\x00",
    "\x00",
    "\r\nX-Injected: 1\r\n\r\n",
    "\n",
    "\x1b[2J",
    "../../../etc/passwd",
    "..%2f..%2f",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/a}",
    "\u202e\u0661\u0301😀",
    "K\u212a",
    "-1",
    "0",
    "9" * 400,
    "NaN",
    "null",
    "a" * 9_000,
    "é" * 3_000,
]
STORES = ("POST /v1/consultations", "POST /v1/consultations:batch")
"""What stores something new with whatever headers it does not look at."""
HEADERS = ["accept", "if-match", "if-none-match", "idempotency-key", "content-type", "content-length", "x-request-id"]
HEADERS += ["x-forwarded-for", "x-clinic", "x-http-method-override", "transfer-encoding", "host", "origin", "cookie"]
IN_HEADERS = ["' OR 1=1 --", "\r\nX-Injected: 1\r\n\r\n", "\x00", "😀", "9" * 400, "a" * 9_000, OTHER_CLINIC, "DELETE"]
TRACES = ("Traceback", "sqlalchemy", "asyncpg", "sqlite3", "SELECT", "site-packages")


@pytest.fixture
def operations(door: Door) -> list[Operation]:
    return every_operation(door.app)


@pytest.fixture
async def mine(clinic: httpx.AsyncClient, other: httpx.AsyncClient, operations: list[Operation]) -> Place:
    """A patient of either clinic."""
    await store(other, operations, "MRN-2")
    return await store(clinic, operations, REFERENCE)


async def test_no_address_can_be_made_into_a_statement(
    clinic: httpx.AsyncClient, operations: list[Operation], mine: Place
) -> None:
    before = await everything(clinic, mine)
    for operation in (each for each in operations if each.parameters):
        for name in operation.parameters:
            for trick in TRICKS:
                written = quote(trick, safe="")
                address = operation.path.replace(f"{{{name}}}", written)
                address = address.format_map({"id": "x"} | vars(mine))
                answer = await send(clinic, operation, address)
                assert answer.status_code in {400, 404, 422}, (str(operation), name, trick[:40], answer.text[:200])
                assert_calm(answer)
    assert await everything(clinic, mine) == before


async def test_no_query_finds_more_than_it_asks_for(
    clinic: httpx.AsyncClient, operations: list[Operation], mine: Place
) -> None:
    before = await everything(clinic, mine)
    tried = 0
    for operation, name in queries(operations):
        for trick in TRICKS:
            address = f"{operation.address(mine)}?{name}={quote(trick, safe='')}"
            answer = await send(clinic, operation, address)
            assert_calm(answer)
            if answer.is_success:
                assert not listed(answer.json()), (str(operation), name, trick[:40])
            else:
                assert answer.status_code in {404, 422}, (str(operation), name, trick[:40], answer.text[:200])
            tried += 1
    assert tried > 10 * len(TRICKS)
    assert await everything(clinic, mine) == before


@only_postgres  # which takes less of what is not text
async def test_no_header_chooses_a_clinic_breaks_out_or_breaks_anything(
    clinic: httpx.AsyncClient, operations: list[Operation], mine: Place
) -> None:
    before = await everything(clinic, mine)
    for operation in operations:
        if str(operation) in STORES or operation.path.startswith("/v1/rulebook/"):
            continue
        for name in HEADERS:
            for trick in IN_HEADERS:
                # About nothing, so that nothing is changed by what is let through.
                answer = await send(clinic, operation, operation.address(Place()), (name, trick))
                assert_calm(answer)
                assert answer.status_code in {200, 304, 400, 404, 406, 412, 413, 415, 422}, (str(operation), name)
    assert await everything(clinic, mine) == before


async def send(
    client: httpx.AsyncClient, operation: Operation, address: str, *changed: tuple[str, str]
) -> httpx.Response:
    """Ask rightly, but for the address and some headers."""
    headers = {name.lower(): value for name, value in operation.headers.items()} | dict(changed)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return await client.request(operation.method, address, content=operation.example, headers=raw)


def assert_calm(answer: httpx.Response) -> None:
    """Nothing failed, nothing of the inside shows, and no header came in from outside."""
    assert answer.status_code < 500, answer.text[:500]
    assert "x-injected" not in answer.headers
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    if answer.is_error:
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert len(answer.content) < 50_000
        assert not [trace for trace in TRACES if trace in answer.text and trace not in str(answer.request.url)]


def queries(operations: list[Operation]) -> Iterator[tuple[Operation, str]]:
    for operation in operations:
        for parameter in operation.described.get("parameters", ()):
            if parameter["in"] == "query":
                yield operation, parameter["name"]


def listed(answer: Any) -> list[Any]:
    """What an answer lists of what is stored."""
    return [each for key in ("consultations", "events") for each in answer.get(key, ())]


async def everything(client: httpx.AsyncClient, place: Place) -> list[Any]:
    """All that can be read of what is stored, but for the audit, which grows with each look."""
    here = f"/v1/consultations/{place.consultation_id}"
    addresses = [here, f"{here}/notes", f"{here}/notes/1", f"{here}/reviews", "/v1/consultations"]
    return [orjson.loads((await client.get(address)).content) for address in addresses]
