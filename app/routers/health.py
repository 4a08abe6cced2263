"""Whether the process is up, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import Literal

import orjson
from fastapi import APIRouter, Response

from app.errors import StoreUnavailable
from app.routers.accept import JSON
from app.routers.described.documented import answer
from app.routers.described.problem_schema import problem_responses
from app.services.service import Service

_READY_SECONDS = 2.0
"""A store that takes longer is not ready; whoever asks has a limit of its own, often of a few seconds."""


def health_router(service: Service) -> APIRouter:
    """GET /healthz and /readyz."""
    router = APIRouter(tags=["running it"])

    @router.get(
        "/healthz",
        operation_id="read_health",
        summary="Whether the process is up",
        response_class=Response,
        responses={200: answer("It is", "Health", "healthy"), **problem_responses()},
    )
    async def healthz() -> Response:
        """Says nothing of the store; restart the process when this fails."""
        return _answer("ok")

    @router.get(
        "/readyz",
        operation_id="read_readiness",
        summary="Whether requests can be served",
        response_class=Response,
        responses={200: answer("They can", "Health", "ready"), **problem_responses(503)},
    )
    async def readyz() -> Response:
        """The store answers, has this version's schema and holds the service to one clinic; else send no traffic."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await service.database.check()
                await service.database.check_role()
        except TimeoutError:
            raise StoreUnavailable(f"the store did not answer within {_READY_SECONDS:g} seconds") from None
        return _answer("ready")

    return router


def _answer(status: Literal["ok", "ready"]) -> Response:
    return Response(orjson.dumps({"status": status}), headers={"Cache-Control": "no-store"}, media_type=JSON)
