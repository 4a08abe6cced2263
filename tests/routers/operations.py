"""Every operation of the OpenAPI document, and how to ask for it rightly: a new one is found here, or fails a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from app.services.examples import FIRST

NOBODY_S = "0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11"
"""An id that was never given out."""


@dataclass(frozen=True)
class Place:
    """What stands in an address for its parameters."""

    consultation_id: str = NOBODY_S
    review_id: str = NOBODY_S
    reference: str = "MRN-0000"
    revision: str = "1"


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    described: Mapping[str, Any]
    example: bytes | None
    """A body that is right, of an operation that has one."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scopes(self) -> set[str]:
        """The scopes that the document says are needed; none for what is open."""
        return {scope for each in self.described["security"] for scopes in each.values() for scope in scopes}

    @property
    def parameters(self) -> set[str]:
        """The names of what its address has to be filled with."""
        return {each["name"] for each in self.described.get("parameters", ()) if each["in"] == "path"}

    def address(self, place: Place) -> str:
        """The address, with the first entry there is where knowledge is meant. KeyError for an unknown parameter."""
        examples = {each["name"]: each.get("example") for each in self.described.get("parameters", ())}
        return self.path.format_map({"id": examples.get("id")} | asdict(place))

    @property
    def headers(self) -> dict[str, str]:
        """Those that it cannot be asked without."""
        names = {each["name"] for each in self.described.get("parameters", ()) if each["in"] == "header"}
        media = list(self.described.get("requestBody", {}).get("content", {}))
        condition = {"If-Match": "*"} if "If-Match" in names else {}
        return condition | ({"Content-Type": media[0]} if media else {})


def every_operation(app: FastAPI) -> list[Operation]:
    """All of them, those that only read first and what erases last."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(app.openapi()))
    order = ["GET", "POST", "PATCH", "DELETE"]
    return sorted(_operations(document), key=lambda operation: order.index(operation.method))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, described in item.items():
            body = next(iter(described.get("requestBody", {}).get("content", {}).values()), None)
            example = None
            if body is not None:
                named = next(iter(body["examples"]))
                example = orjson.dumps(document["components"]["examples"][named]["value"]) + b"\n"
            yield Operation(method.upper(), path, described, example)


async def ask(
    client: httpx.AsyncClient, operation: Operation, place: Place, headers: Mapping[str, str | None] | None = None
) -> httpx.Response:
    """Ask rightly, but for what `place` and `headers` say otherwise; a header that is None is not sent."""
    changed = operation.headers | dict(headers or {})
    sent = {name: value for name, value in changed.items() if value is not None}
    return await client.request(operation.method, operation.address(place), content=operation.example, headers=sent)


async def store(client: httpx.AsyncClient, operations: list[Operation], reference: str) -> Place:
    """A consultation of a patient, revised once and with a review: for every parameter something that is there."""
    body = FIRST | {"patient": FIRST["patient"] | {"reference": reference}}
    stored = (await client.post("/v1/consultations", json=body)).json()
    place = Place(consultation_id=stored["id"], reference=reference)
    review = next(operation for operation in operations if operation.path.endswith("/reviews") and operation.example)
    recorded = await ask(client, review, place)
    assert recorded.status_code == httpx.codes.CREATED, recorded.text
    return Place(stored["id"], recorded.json()["id"], reference)
