"""What the layers of the edge know together about one request on its way through."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request at work, for whatever is logged meanwhile."""

CLIENT_LEFT = "client-left"
"""The outcome of a request that its caller did not wait for."""

NO_ROUTE = "(none)"
"""Stands for the template of an address that nothing answers."""

_KEY = "passage"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Nothing but what a machine drew: the id stands in logs and in the audit, where no name may.
_ALLOWED = re.compile(rb"[0-9A-Fa-f-]{16,64}")


@dataclass(slots=True)
class Passage:
    """One request.

    request_id  as the caller gave it, if it looks like a UUID or a trace id; else made here
    method      one of HTTP's usual ones, or "other"
    scope       the innermost one: Guard hands on a copy for HEAD, and only that one learns its route
    status      of the answer; 0 while there is none, or nobody there to have it
    sent        bytes of the answer's body
    outcome     why it ended otherwise than by an answer of the application
    """

    request_id: str
    method: str
    scope: Scope
    status: int = 0
    sent: int = 0
    outcome: str = ""

    @property
    def route(self) -> str:
        """The template of the address, never the address itself."""
        return getattr(self.scope.get("route"), "path", NO_ROUTE)

    @property
    def caller(self) -> Any:
        """Who asked (`clinic`, `kind`, `subject`), if somebody has found out; else None."""
        return self.scope["state"].get("caller")


def open_passage(scope: Scope) -> Passage:
    """A new request's, kept in its scope for the layers further in; with `request_id` in its state for anyone."""
    method = scope["method"]
    passage = Passage(_request_id(scope["headers"]), method if method in _METHODS else "other", scope)
    scope.setdefault("state", {}).update({_KEY: passage, "request_id": passage.request_id})
    return passage


def passage_of(scope: Scope) -> Passage:
    """That of a request which has come through the outer layer."""
    passage: Passage = scope["state"][_KEY]
    return passage


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _ALLOWED.fullmatch(value):
            return value.decode("ascii")
    return secrets.token_hex(16)
