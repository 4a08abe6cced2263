"""A note without storing anything."""

from __future__ import annotations

from typing import Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access import Action
from app.routers.accept import JSON, TEXT, wanted
from app.routers.body import read_json
from app.routers.described.documented import IDEMPOTENCY_KEY, answer, request_body
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.query import query_parameters, read_query
from app.services.service import Service
from app.services.triage_once import triage_once
from app.triage import plain_text


class TriageQuery(BaseModel):
    """How much of the note is listed."""

    model_config = ConfigDict(extra="forbid")

    categories: Literal["relevant", "all"] = Field(
        default="relevant", description="`all` also lists the categories that the facts rule out"
    )


def triage_router(service: Service, gate: Gate) -> APIRouter:
    """POST /v1/triage."""
    router = APIRouter(tags=["triage"])

    @router.post(
        "/v1/triage",
        operation_id="triage",
        summary="Make a note; nothing is stored",
        response_class=Response,
        responses={
            200: answer("An informational note", "Note", "note", texts={TEXT: "note_text"}),
            **problem_responses(400, 401, 403, 406, 409, 413, 415, 422, 429, 503),
        },
        openapi_extra={
            "parameters": [*query_parameters(TriageQuery), IDEMPOTENCY_KEY],
            "requestBody": request_body("Consultation", "consultation"),
        },
    )
    async def triage(request: Request) -> Response:
        """How soon somebody should act, what could be discussed, why, and what is still unknown.

        With `Accept: text/plain` the note is one page of text.
        """
        call = await gate.let_in(request, Action.NOTE_MADE)
        media = wanted(request, JSON, TEXT)
        every_category = bool(request.scope["query_string"]) and read_query(request, TriageQuery).categories == "all"
        with service.running.only(call):
            document = await read_json(request, limit=service.body_limit)
            encoded = await triage_once(service, call, document, every_category=every_category)
        content = encoded if media == JSON else plain_text(orjson.loads(encoded))
        return Response(content, headers={"Vary": "Accept"}, media_type=media)

    return router
