"""Problems (RFC 9457) that are answered before there is an application to ask.

Nothing of `app.routers.problems` is used: that stands further in, and its gate uses the limits from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response

from app.errors import RequestTimeout
from app.routers.described.problem_schema import MEDIA_TYPE, TYPE_PREFIX

_RETRY = {"Retry-After": "5"}
# What is still on its way would be taken for the next request.
_CLOSE = {"Connection": "close"}
_LATE = "The request took too long to arrive"


def busy() -> Response:
    """More at once than the process takes on."""
    detail = "As many requests are at work as this process takes on at once. Nothing was done; send it again."
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "The service is busy", detail, _RETRY)


def slow_answer(seconds: float) -> Response:
    """The application did not answer in time."""
    detail = (
        f"There was no answer within {seconds:g} seconds. What was asked for may have been done all the same: "
        "send it again with the same Idempotency-Key, or look."
    )
    title = "The answer took too long"
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "answer-timeout", title, detail, _RETRY)


def slow_body(seconds: float) -> Response:
    """The caller did not send all of the body in time."""
    detail = f"The body did not arrive within {seconds:g} seconds. Nothing was done."
    return _refusal(HTTPStatus.REQUEST_TIMEOUT, RequestTimeout.code, _LATE, detail, _CLOSE)


def slow_head(seconds: float) -> Response:
    """The caller did not send all of the head in time."""
    detail = f"The head did not arrive within {seconds:g} seconds."
    return _refusal(HTTPStatus.REQUEST_TIMEOUT, RequestTimeout.code, _LATE, detail, _CLOSE)


def large_head(most_bytes: int) -> Response:
    """The caller sent more than a head may have."""
    detail = f"Method, address and header fields together may have {most_bytes:,} bytes."
    title = "The head of the request is too large"
    return _refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", title, detail, _CLOSE)


def not_http() -> Response:
    """What the caller sent cannot be read as a request."""
    detail = "The request line, a header field or the framing of the body breaks the rules of HTTP/1.1."
    return _refusal(HTTPStatus.BAD_REQUEST, "malformed-request", "This is not HTTP", detail, _CLOSE)


def _refusal(status: HTTPStatus, code: str, title: str, detail: str, headers: Mapping[str, str]) -> Response:
    problem = {"type": TYPE_PREFIX + code, "title": title, "status": status.value, "code": code, "detail": detail}
    return Response(orjson.dumps(problem), status.value, headers, MEDIA_TYPE)
