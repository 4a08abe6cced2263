"""Figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.access import Action
from app.errors import Forbidden
from app.models import LOCAL_CLINIC
from app.routers.described.problem_schema import problem_responses
from app.routers.edge import Metrics
from app.routers.gate import Gate

_SHOWN = 3
"""Lines: what a figure is, of which kind, and one of its values."""

_NOT_YOURS = (
    f"figures are of all clinics of this service together, so only credentials of the clinic `{LOCAL_CLINIC}`, "
    "the operator's own, may read them"
)

_EXAMPLES = {"metrics": {"$ref": "#/components/examples/metrics"}}
_TEXT = {"text/plain": {"schema": {"type": "string"}, "examples": _EXAMPLES}}


def show_figures() -> str:
    """The first lines of the figures, for the OpenAPI document."""
    metrics = Metrics({})
    metrics.observe_request("POST", "/v1/triage", 200, 0.012)
    # The moments at which counting began, which differ each time, stand further down.
    return "".join(metrics.render()[0].decode().splitlines(keepends=True)[:_SHOWN])


def metrics_router(metrics: Metrics, gate: Gate) -> APIRouter:
    """GET /metrics."""
    router = APIRouter(tags=["running it"])

    @router.get(
        "/metrics",
        operation_id="read_metrics",
        summary="Figures for Prometheus: requests, notes, rules, connections",
        response_class=Response,
        responses={200: {"description": "The figures", "content": _TEXT}, **problem_responses(401, 403, 429)},
    )
    async def get(request: Request) -> Response:
        """Of this process, all clinics together; so for credentials of the clinic `local` only, the operator's."""
        call = await gate.let_in(request, Action.METRICS_READ)
        if call.clinic != LOCAL_CLINIC:
            raise Forbidden(_NOT_YOURS)
        content, media = metrics.render()
        return Response(content, headers={"Cache-Control": "no-store"}, media_type=media)

    return router
