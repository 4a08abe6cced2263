"""Whether the process is up, and whether it can serve."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import orjson
from fastapi import APIRouter, Response

from app.errors import SpineTriageError, StoreUnavailable
from app.routers.accept import JSON
from app.routers.described.documented import answer
from app.routers.described.problem_schema import problem_responses
from app.routers.problems import problem_of
from app.services.service import Service

_READY_SECONDS = 2.0
"""A store that takes longer is not ready; whoever asks has a limit of its own, often of a few seconds."""

_KEPT_SECONDS = 1.0
"""How long a result is told without asking the store again: anybody may ask, as often as they like."""

_NOT_READY = "the store cannot be used at this moment; why stands in the service's log"

_log = logging.getLogger("spine_triage.readiness")


class Readiness:
    """Whether the store can be used. All who ask at once wait for one look at it, whose result is kept for a second.

    Args:
        look: raises what keeps the store from being used.
        monotonic: a clock in seconds that never goes back.
    """

    def __init__(self, look: Callable[[], Awaitable[None]], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._look, self._monotonic = look, monotonic
        self._known: tuple[float, bool] | None = None
        self._looking: asyncio.Task[bool] | None = None

    async def is_ready(self) -> bool:
        """Never raises; why it is not ready is logged, once for each look."""
        if self._known is not None and self._monotonic() - self._known[0] < _KEPT_SECONDS:
            return self._known[1]
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._find_out())
        # One who leaves does not end it for the others.
        return await asyncio.shield(self._looking)

    async def _find_out(self) -> bool:
        ready = False
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._look()
            ready = True
        except TimeoutError:
            _log.warning("not ready: the store did not answer within %g seconds", _READY_SECONDS)
        except SpineTriageError as error:
            _log.warning("not ready: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, no request could be served
            _log.error("not ready", exc_info=error)
        self._known = (self._monotonic(), ready)
        return ready


def health_router(service: Service) -> APIRouter:
    """GET /healthz and /readyz."""
    router = APIRouter(tags=["running it"])

    async def look() -> None:
        await service.database.check()
        await service.database.check_role()

    readiness = Readiness(look)

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
        """The store answers, has this version's schema and holds the service to one clinic; else send no traffic.

        What is answered may be a second old.
        """
        # Answered here, not raised: it is logged once for each look, not for each who asks.
        return _answer("ready") if await readiness.is_ready() else problem_of(StoreUnavailable(_NOT_READY))

    return router


def _answer(status: Literal["ok", "ready"]) -> Response:
    return Response(orjson.dumps({"status": status}), headers={"Cache-Control": "no-store"}, media_type=JSON)
