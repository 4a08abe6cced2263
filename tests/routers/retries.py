"""Requests that carry an Idempotency-Key, and all that their answers say."""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from app.services.examples import FIRST

CONSULTATIONS, TRIAGE = "/v1/consultations", "/v1/triage"
JSON = {"Content-Type": "application/json"}
OTHER_BODY = FIRST | {"patient": {"age": 53}}


async def post(
    client: httpx.AsyncClient, key: str | None, body: Any = FIRST, address: str = CONSULTATIONS, **headers: str
) -> httpx.Response:
    named = {} if key is None else {"Idempotency-Key": key}
    return await client.post(address, content=orjson.dumps(body), headers=JSON | named | headers)


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer says, but for the id and the moment of the request."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
    return answer.status_code, answer.content, headers


async def count(client: httpx.AsyncClient) -> int:
    return len((await client.get(f"{CONSULTATIONS}?limit=200")).json()["consultations"])
