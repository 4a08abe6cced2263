"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.routers.described import answers, batch_answers, review_answers
from app.routers.described.audit_answers import AuditList
from app.routers.described.credentials import describe_credentials
from app.routers.described.examples import make_examples
from app.routers.described.patient_answers import PatientExport
from app.routers.described.problem_schema import MEDIA_TYPE
from app.routers.edge import page_policy
from app.routers.prebuilt import Prebuilt
from app.triage import Consultation, Note, Triage

_ANSWERS = (
    answers.Stored,
    answers.ConsultationPage,
    answers.NoteList,
    answers.Vocabulary,
    answers.RulebookDescribed,
    answers.RulebookEntries,
    answers.RulebookEntry,
    answers.Health,
    PatientExport,
    AuditList,
    batch_answers.BatchResult,
    review_answers.RecordedReview,
    review_answers.ReviewList,
)
_PATCH_SCHEMA = {
    "title": "ConsultationPatch",
    "type": "object",
    "description": "A merge patch (RFC 7396) of a Consultation: the keys to add or replace; null removes a key.",
}
_TAGS = [
    {"name": "triage", "description": "A note without storing anything"},
    {"name": "consultations", "description": "Stored consultations, their revisions and notes"},
    {"name": "patients", "description": "What is held of a patient, and its erasure"},
    {"name": "audit", "description": "Who did what to which record"},
    {"name": "knowledge", "description": "What can be asked, and what is known"},
    {"name": "running it", "description": "For whoever operates the service"},
]
_DESCRIPTION = """\
Post what a patient said and what an imaging report found; the answer is an informational note: how soon somebody
should act, which procedure categories could be discussed, what speaks for and against each, what is still unknown
and worth asking, and which source each statement comes from. It informs a conversation between a clinician and a
patient; it does not diagnose, order or decide.

Unknown is never taken for "no". Every error is `application/problem+json` with a stable `code`.

Every call but health and this document needs credentials, `Authorization: Bearer …`. They belong to one clinic, and no
call reaches another's rows."""


def install_openapi(app: FastAPI, triage: Triage) -> None:
    """Serve /openapi.json and /docs. The document is made when it is first asked for."""

    @cache
    def document() -> dict[str, Any]:
        return _make_document(app, triage)

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the document

    @cache
    def prebuilt() -> Prebuilt:
        return Prebuilt(app.openapi())

    @app.get("/openapi.json", include_in_schema=False)
    async def get_document(request: Request) -> Response:
        return prebuilt().answer(request)

    @app.get("/docs", include_in_schema=False)
    async def get_docs() -> Response:
        # The page loads its script from a public CDN; the document itself needs nothing from outside.
        page = get_swagger_ui_html(openapi_url="openapi.json", title=app.title, swagger_favicon_url="data:,")
        page.headers["Content-Security-Policy"] = page_policy(bytes(page.body))
        return page


def _make_document(app: FastAPI, triage: Triage) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=_DESCRIPTION, tags=_TAGS, routes=app.routes
    )
    _, schemas = models_json_schema(
        [(Consultation, "validation"), (Note, "serialization"), *((model, "serialization") for model in _ANSWERS)],
        ref_template="#/components/schemas/{model}",
    )
    components = document.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), **schemas["$defs"], "ConsultationPatch": _PATCH_SCHEMA}
    components["examples"] = make_examples(triage)
    for path in document["paths"].values():
        for operation in path.values():
            _show_invalid(operation["responses"])
    describe_credentials(document)
    return document


def _show_invalid(responses: dict[str, Any]) -> None:
    if "422" in responses:
        responses["422"]["content"][MEDIA_TYPE]["examples"] = {"invalid": {"$ref": "#/components/examples/invalid"}}
