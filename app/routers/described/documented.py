"""Fragments of the OpenAPI document that several operations share.

Schemas and examples are referred to by name and added once, by `openapi`: a consultation's schema alone has 70 kB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path

from app.routers.accept import JSON

CONSULTATION_TAG = {
    "ETag": {
        "description": "The revision, as If-Match takes it",
        "schema": {"type": "string"},
        "example": '"1"',
    }
}
CONTENT_TAG = {
    "ETag": {
        "description": "Changes when the content does; send it back in If-None-Match",
        "schema": {"type": "string"},
    }
}
LOCATION = {
    "Location": {
        "description": "The address of the new consultation",
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/v1/consultations/0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11",
    }
}
_THIS = {"consultation_id": "$response.body#/id"}
FROM_STORED = {
    "consultation": {"operationId": "read_consultation", "parameters": _THIS},
    "revision": {
        "operationId": "revise_consultation",
        "parameters": {**_THIS, "header.If-Match": "$response.header.ETag"},
    },
    "notes": {"operationId": "list_notes", "parameters": _THIS},
    "note": {"operationId": "read_note", "parameters": {**_THIS, "revision": "$response.body#/revision"}},
    "review": {"operationId": "record_review", "parameters": _THIS},
    "reviews": {"operationId": "list_reviews", "parameters": _THIS},
}
"""What can be asked next of a consultation that was stored, as OpenAPI links."""

FROM_REVIEW = {
    "review": {
        "operationId": "read_review",
        "parameters": {"consultation_id": "$response.body#/consultation_id", "review_id": "$response.body#/id"},
    },
    "reviews": {"operationId": "list_reviews", "parameters": {"consultation_id": "$response.body#/consultation_id"}},
}
"""The same of a review that was recorded."""

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The caller has it already"}}

IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag received before; 304 if it is still the same",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes retries safe: the same key with the same body is done once and answered the same; a new key "
    "for each new request, such as a UUID",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the revision that this changes, several of them, or `*` for whichever is the newest",
    "schema": {"type": "string"},
    "example": '"1"',
}
# Text, although a UUID and a number are meant: what is neither names nothing here, which is 404 and not 422.
ConsultationId = Annotated[
    str, Path(description="As in the answer of POST /v1/consultations", json_schema_extra={"format": "uuid"})
]
PatientReference = Annotated[
    str,
    Path(
        description="As bodies state it, percent-encoded; slashes too may be encoded or not",
        json_schema_extra={"minLength": 1, "maxLength": 64, "example": "MRN-1042"},
    ),
]
RevisionNumber = Annotated[str, Path(description="Counted from 1", json_schema_extra={"type": "integer", "minimum": 1})]


def request_body(schema: str, *examples: str, media: str = JSON, says: str = "") -> dict[str, Any]:
    """A required body. Schema and examples are names of components."""
    content = {media: {"schema": _schema(schema), "examples": _examples(*examples)}}
    return {"required": True, "description": says, "content": content}


def answer(
    says: str,
    schema: str,
    *examples: str,
    texts: Mapping[str, str] | None = None,
    headers: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A successful answer as JSON, and as each media type of `texts` with its example. Names of components."""
    content: dict[str, Any] = {JSON: {"schema": _schema(schema), "examples": _examples(*examples)}}
    for media, example in (texts or {}).items():
        content[media] = {"schema": {"type": "string"}, "examples": _examples(example)}
    return {"description": says, "headers": headers or {}, "content": content}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _examples(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/examples/{name}"} for name in names}
