"""All HTTP doors of one service."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from app.routers.audit import audit_router
from app.routers.batch import batch_router
from app.routers.consultations import consultations_router
from app.routers.described.openapi import install_openapi
from app.routers.edge import EdgeOptions, Metrics, surround
from app.routers.gate import Gate
from app.routers.health import health_router
from app.routers.metrics import metrics_router
from app.routers.notes import notes_router
from app.routers.patients import patients_router
from app.routers.problems import install_problems
from app.routers.reviews import reviews_router
from app.routers.rulebook import rulebook_router
from app.routers.search import search_router
from app.routers.triage import triage_router
from app.routers.vocabulary import vocabulary_router
from app.services.service import Service

# FastAPI's own records addresses and the messages of exceptions, where patients' references may stand; the edge traces
# without them.
_OUR_OWN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def build_service(service: Service, gate: Gate, metrics: Metrics, edge: EdgeOptions) -> FastAPI:
    """The ASGI application. Whoever opened the service's database closes it."""
    app = FastAPI(
        title="Spine Triage",
        version=version("spine-triage"),
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_OUR_OWN,
    )
    # The busiest first: addresses are compared one after the other.
    app.include_router(triage_router(service, gate))
    app.include_router(consultations_router(service, gate))
    app.include_router(batch_router(service, gate))
    app.include_router(search_router(service, gate))
    app.include_router(notes_router(service, gate))
    app.include_router(patients_router(service, gate))
    app.include_router(reviews_router(service, gate))
    app.include_router(audit_router(service, gate))
    app.include_router(vocabulary_router(gate))
    app.include_router(rulebook_router(service.triage.rulebook, gate))
    app.include_router(health_router(service))
    app.include_router(metrics_router(metrics, gate))
    install_openapi(app, service.triage)
    install_problems(app, service)
    surround(app, edge, metrics)
    return app
