"""What a line of a batch is answered: its shapes, and examples of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import MISSING, BaseModel, ConfigDict, Field, RootModel

from app.errors import MalformedBody
from app.routers.batch_results import write_result
from app.routers.described.problem_schema import Problem
from app.services.batch import LineResult
from app.store import StoredRevision
from app.triage import Note
from app.triage.note.schema import Urgency

_Line = Annotated[int, Field(ge=1, description="Of the request, blank ones counted, from 1")]


class BatchStored(BaseModel):
    """The line is stored as a consultation. Its whole note is at `links.note`, or here with `notes=full`."""

    model_config = ConfigDict(extra="forbid")

    line: _Line
    status: Literal[201]
    id: str = Field(examples=["0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11"])
    revision: Literal[1]
    headline: str
    urgency: Urgency
    links: dict[str, str] = Field(description="Addresses on this service by what they lead to")
    note: Note | MISSING = Field(default=MISSING, description="With `notes=full`")


class BatchRefused(BaseModel):
    """Nothing of the line is stored; the others are not touched by it."""

    model_config = ConfigDict(extra="forbid")

    line: _Line
    status: int = Field(ge=400, le=599, description="What this line alone would have been answered")
    problem: Problem
    retry_after: int | MISSING = Field(
        default=MISSING, ge=1, description="With 409 and 503: seconds after which to send it again, with the same key"
    )


class BatchResult(RootModel[BatchStored | BatchRefused]):
    """One line of the answer, for one line of the request."""


def make_batch_examples(stored: StoredRevision) -> dict[str, dict[str, Any]]:
    """Examples for the OpenAPI document: a line that was stored, and one that was not."""
    refused = MalformedBody("not JSON at line 1, column 1 (character 0): Expecting value")
    return {
        "batch_stored": _example("A line that was stored", LineResult(1, stored)),
        "batch_refused": _example("A line that is not JSON", LineResult(2, refused)),
    }


def _example(summary: str, result: LineResult) -> dict[str, Any]:
    return {"summary": summary, "value": orjson.loads(write_result(result, is_full=False))}
