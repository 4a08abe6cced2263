"""Which credentials the OpenAPI document says that each operation needs, by the same table as docs/access.md."""

from __future__ import annotations

from typing import Any

from app.access import CALLS, NEEDS, OPEN, Scope

_CHALLENGE = {
    "WWW-Authenticate": {"description": "How to say who is calling", "schema": {"type": "string"}, "example": "Bearer"}
}
_RETRY = {
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}, "example": 5},
}
_HEADERS = {"401": _CHALLENGE, "403": _CHALLENGE, "409": _RETRY, "429": _RETRY, "503": _RETRY}
_SCHEMES = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "st_<clinic>.<key id>.<secret>",
        "description": "For software: an API key, which an operator makes with `spine-triage keys create`.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "For people: a token of the OpenID Connect issuer that the operator configured, if any.",
    },
}


def describe_credentials(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document how callers say who they are, which scope each operation needs, and what is open."""
    document["components"]["securitySchemes"] = _SCHEMES
    # What is said of no operation in particular holds for all: one that was forgotten in the table is not called open.
    document["security"] = [{scheme: []} for scheme in _SCHEMES]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = needed_scope(method, path)
            if scope is not None:
                operation["security"] = [{scheme: [str(scope)]} for scheme in _SCHEMES]
            elif path in OPEN:
                operation["security"] = []
            for status in _HEADERS.keys() & operation["responses"].keys():
                operation["responses"][status]["headers"] = _HEADERS[status]


def needed_scope(method: str, path: str) -> Scope | None:
    """The scope that `method` on the template `path` needs; None if the table of calls does not have it."""
    asked = _segments(f"{method.upper()} {path}")
    for call, action in CALLS:
        written = _segments(call)
        if len(written) == len(asked) and all(map(_fits, written, asked)):
            return NEEDS[action]
    return None


def _segments(call: str) -> list[str]:
    return call.split("/")


def _fits(written: str, asked: str) -> bool:
    return written == asked or written.startswith("{")
