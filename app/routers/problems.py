"""Every error as `application/problem+json` (RFC 9457), with the same stable `code` whoever raised it.

`install_problems(app)` is called once, after every other middleware was added.
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from app.errors import (
    BodyTooLarge,
    Damaged,
    Fault,
    Forbidden,
    IdempotencyKeyReused,
    InvalidCursor,
    InvalidInput,
    IssuerUnavailable,
    KeysMissing,
    MalformedBody,
    NotFound,
    PreconditionRequired,
    RequestRunning,
    RequestTimeout,
    SpineTriageError,
    StaleRevision,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)
from app.routers.body import JSON, MERGE_PATCH
from app.routers.described.problem_schema import MEDIA_TYPE, TYPE_PREFIX, describe_problems
from app.routers.gate import call_of
from app.routers.guard import Guard
from app.services.audit.refusals import tell_refusal
from app.services.faults import parameter_faults
from app.services.service import Service

_log = logging.getLogger("spine_triage.http")

RETRY_AFTER_SECONDS = 5
"""How long a caller is asked to wait for a store that does not answer."""

_STATUS: dict[type[SpineTriageError], tuple[int, str]] = {
    MalformedBody: (400, "The body is not one JSON document"),
    InvalidInput: (422, "Some values are not allowed"),
    BodyTooLarge: (413, "The body is too large"),
    UnsupportedMediaType: (415, "The body's media type is not supported"),
    InvalidCursor: (422, "The cursor is not one that was given out"),
    IdempotencyKeyReused: (422, "The key stands for another request"),
    Unauthenticated: (401, "Say who is calling"),
    Forbidden: (403, "These credentials do not reach so far"),
    RequestRunning: (409, "The first request with this key is still at work"),
    RequestTimeout: (408, "The request took too long to arrive"),
    TooManyRequests: (429, "Too many requests"),
    NotFound: (404, "There is nothing here"),
    PreconditionRequired: (428, "Say which revision is to be changed"),
    StaleRevision: (412, "The newest revision is another one"),
    StoreUnavailable: (503, "The store does not answer"),
    Damaged: (500, "What is stored was changed or damaged"),
    IssuerUnavailable: (503, "The issuer of tokens does not answer"),
    KeysMissing: (503, "The store cannot be opened"),
}
_CODES = {404: "not-found", 405: "method-not-allowed", 413: BodyTooLarge.code, 415: UnsupportedMediaType.code}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def install_problems(app: FastAPI, service: Service) -> None:
    """Make `app` answer every error as a problem, and describe problems in its OpenAPI document."""
    app.add_exception_handler(SpineTriageError, partial(_answer_intended, service))
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_parameters)
    app.add_exception_handler(ClientDisconnect, _answer_disconnected)
    app.add_middleware(Guard, answer=unexpected_problem)
    describe_problems(app)


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """A problem as a response.

    Args:
        status: HTTP status, 400 to 599.
        code: stable, safe to program against; also the last part of `type`.
        title: the same sentence for every problem of this code.
        detail: what is particular to this occurrence.
        faults: what is wrong with the input, if that is the problem.
        headers: further response headers.
        members: further members of the problem.
    """
    problem: dict[str, Any] = {
        "type": TYPE_PREFIX + code,
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    if faults:
        problem["errors"] = [{"pointer": f.pointer, "problem": f.problem, "allowed": f.allowed} for f in faults]
    return Response(orjson.dumps(problem), status, headers, MEDIA_TYPE)


def unexpected_problem(incident: str) -> Response:
    """The answer to an error that nobody foresaw. It shows nothing of it but `incident`, the id it is logged with."""
    return problem_response(
        500,
        "internal-error",
        "Something went wrong on our side",
        "The request could not be answered. The operator finds the reason in the log by the id in `instance`.",
        instance=f"urn:uuid:{incident}",
    )


def problem_of(error: SpineTriageError) -> Response:
    """An intended error as a problem. One that is no caller's affair, such as a refused rulebook, is raised again."""
    status, title = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), (0, ""))
    if not status:
        raise error
    detail = str(error)
    faults: Sequence[Fault] = ()
    members: dict[str, int] = {}
    headers = _headers_of(error, status)
    if isinstance(error, InvalidInput):
        detail, faults = _count(error.faults), error.faults
    elif isinstance(error, StaleRevision):
        members = {"current": error.current}
    return problem_response(status, error.code, title, detail, faults=faults, headers=headers, **members)


def _headers_of(error: SpineTriageError, status: int) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, Forbidden):
        return {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    if isinstance(error, RequestRunning):
        return {"Retry-After": "1"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


async def _answer_intended(service: Service, request: Request, error: Exception) -> Response:
    if not isinstance(error, SpineTriageError):
        raise error
    response = problem_of(error)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("a request could not be served: %s", error.code, exc_info=error)
    if (call := call_of(request)) is not None:
        await tell_refusal(service, call, error)
    if isinstance(error, UnsupportedMediaType):
        # RFC 5789 and the registry of HTTP fields ask a 415 to name what would be read.
        field = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        response.headers[field] = (MERGE_PATCH if request.method == "PATCH" else JSON)[0]
    return response


async def _answer_parameters(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = parameter_faults(error.errors())
    title = _STATUS[InvalidInput][1]
    return problem_response(422, InvalidInput.code, title, _count(faults), faults=faults)


async def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status_code=status, headers=headers)
    phrase = http.client.responses.get(status, "Error")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
        detail = f"{request.method} is not possible here; possible: {headers['Allow']}"
    elif status == HTTPStatus.NOT_FOUND and error.detail == phrase:
        detail = "No such address; /docs lists those there are."
    else:
        detail = str(error.detail)
    code = _CODES.get(status, phrase.lower().replace(" ", "-").replace("'", ""))
    return problem_response(status, code, phrase, detail, headers=headers)


async def _answer_disconnected(_: Request, __: Exception) -> Response:
    # Nobody is left to read this; it only keeps a caller who hung up from being logged as our failure.
    return problem_response(400, MalformedBody.code, _STATUS[MalformedBody][1], "the body ended early")


def _methods_of(request: Request) -> list[str]:
    """All methods of an address. Starlette names only those of the first route that has it, and each has one."""
    routes = request.app.routes
    allowed = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    if "GET" in allowed and "HEAD" not in allowed:
        allowed.insert(allowed.index("GET") + 1, "HEAD")
    return allowed


def _count(faults: Sequence[Fault]) -> str:
    return "1 value is not allowed; see `errors`." if len(faults) == 1 else f"{len(faults)} faults; see `errors`."
