"""How problems are described in the OpenAPI document."""

from __future__ import annotations

import http
from typing import Any

from fastapi import FastAPI
from pydantic import MISSING, BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:spine-triage:problem:"


class ProblemFault(BaseModel):
    """One thing wrong with the input."""

    pointer: str = Field(
        description="JSON pointer (RFC 6901) into the body; `/query/…`, `/path/…` or `/header/…` for a parameter. "
        "Unknown keys stand in it as they were sent; of values no text is repeated, a number only where one belongs",
        examples=["/complaint/leg_pain"],
    )
    problem: str = Field(examples=["11 is too large"])
    allowed: str = Field(examples=["a whole number, at least 0, at most 10"])


class Problem(BaseModel):
    """RFC 9457. Program against `code`; show `detail` and `errors` to people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`code` as a URI", examples=[f"{TYPE_PREFIX}invalid-input"])
    title: str = Field(description="The same for every problem of this code", examples=["Some values are not allowed"])
    status: int = Field(description="The HTTP status", ge=400, le=599, examples=[422])
    code: str = Field(description="Stable", examples=["invalid-input"])
    detail: str = Field(
        description="What is particular to this one", examples=["1 value is not allowed; see `errors`."]
    )
    instance: str | MISSING = Field(default=MISSING, description="Id of an internal error, as in the operator's log")
    current: int | MISSING = Field(default=MISSING, description="With `stale-revision`: the newest revision")
    errors: list[ProblemFault] | MISSING = Field(
        default=MISSING, description="With `invalid-input`: every fault at once"
    )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that can fail with `statuses`; any other failure has the same shape."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": http.HTTPStatus(status).phrase, "content": content} for status in statuses
    }
    return described | {"default": {"description": "Any other problem", "content": content}}


def describe_problems(app: FastAPI) -> None:
    """Add the schemas that `problem_responses` refers to to the app's OpenAPI document."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        definitions = schema.pop("$defs")
        document.setdefault("components", {}).setdefault("schemas", {}).update(Problem=schema, **definitions)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
