"""Many consultations in one request."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from app.access import Action
from app.errors import TooManyRequests
from app.routers.accept import wanted
from app.routers.batch_results import write_result
from app.routers.body import check_headers
from app.routers.described.documented import IDEMPOTENCY_KEY, request_body
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.line_results import NDJSON, LineResults, Tell
from app.routers.query import query_parameters, read_query
from app.services.batch import LineResult, record_lines
from app.services.service import Service

_LATER_SECONDS = 10
_ANSWERED = {
    "description": "A result for each line that is not blank, in their order, as each is done. "
    "The schema is that of a line.",
    "content": {
        NDJSON: {
            "schema": {"$ref": "#/components/schemas/BatchResult"},
            "examples": {name: {"$ref": f"#/components/examples/{name}"} for name in ("batch_stored", "batch_refused")},
        }
    },
}


class BatchQuery(BaseModel):
    """How much of each note is answered."""

    model_config = ConfigDict(extra="forbid")

    notes: Literal["none", "full"] = Field(
        default="none", description="`full` also answers each line's whole note, of some 40,000 bytes"
    )


MOST_OF_A_CLINIC = 4
"""Batches of one clinic at once, in each process: a batch may take as long as it likes, and others want a place too."""


def batch_router(service: Service, gate: Gate) -> APIRouter:
    """POST /v1/consultations:batch."""
    router = APIRouter(tags=["consultations"])
    at_work: Counter[str] = Counter()

    @router.post(
        "/v1/consultations:batch",
        operation_id="record_consultations",
        summary="Store many consultations, a line each, and make their notes",
        response_class=Response,
        responses={200: _ANSWERED, **problem_responses(401, 403, 406, 408, 415, 422, 429, 503)},
        openapi_extra={
            "parameters": [*query_parameters(BatchQuery), IDEMPOTENCY_KEY],
            "requestBody": request_body(
                "Consultation",
                "consultation",
                media=NDJSON,
                says="Any number of lines, each a consultation as `POST /v1/consultations` takes it. The schema is "
                "that of a line.",
            ),
        },
    )
    async def post(request: Request) -> Response:
        """Each line is stored or refused on its own; the answer's status is 200 as soon as lines are read.

        Results are sent while lines still arrive: read them meanwhile, or send no more than 5,000 lines at once.
        Each line counts as a request of the caller; beyond their rate lines wait, which no error tells of.
        With an Idempotency-Key the whole batch may be sent again: a line that was stored is answered the same.
        """
        call = await gate.let_in(request, Action.CONSULTATION_RECORDED)
        wanted(request, NDJSON)
        is_full = read_query(request, BatchQuery).notes == "full"
        check_headers(request, (NDJSON,))
        if at_work[call.clinic] >= MOST_OF_A_CLINIC:
            raise TooManyRequests(f"{MOST_OF_A_CLINIC} batches of this clinic are under way", _LATER_SECONDS)

        async def work(tell: Tell) -> None:
            async def tell_result(result: LineResult) -> None:
                await tell(write_result(result, is_full=is_full))

            at_work[call.clinic] += 1
            try:
                # Of a caller who leaves, the lines that had arrived are stored; nobody reads their results.
                with suppress(ClientDisconnect):
                    await record_lines(service, call, request.stream(), tell_result, partial(gate.pace, call))
            finally:
                at_work[call.clinic] -= 1

        return LineResults(work)

    return router
