"""The outer layer: gives a request its id, dresses its answer, and tells how it went."""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.routers.described.problem_schema import MEDIA_TYPE
from app.routers.edge.headers import complete_headers, safe_headers
from app.routers.edge.logs import own_logger
from app.routers.edge.metrics import Metrics
from app.routers.edge.options import WATCHED, EdgeOptions
from app.routers.edge.passage import CLIENT_LEFT, REQUEST_ID, Passage, open_passage

_PROBLEM = (b"content-type", MEDIA_TYPE.encode())
_CODE = re.compile(r"[a-z0-9-]{1,64}")


class Envelope:
    """Pure ASGI, and one wrapping of `send` for all that an answer tells."""

    def __init__(self, app: ASGIApp, options: EdgeOptions, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = options.tracing
        self._headers = safe_headers(options.strict_transport)
        self._log = own_logger("request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        passage = open_passage(scope)
        always = (*self._headers, (b"x-request-id", passage.request_id.encode()))
        is_problem = False

        async def send_dressed(message: Message) -> None:
            nonlocal is_problem
            if message["type"] == "http.response.start":
                headers = complete_headers(message.get("headers", ()), always)
                passage.status = 0 if passage.outcome == CLIENT_LEFT else message["status"]
                is_problem = passage.status >= HTTPStatus.BAD_REQUEST and _PROBLEM in headers
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                body = message.get("body", b"")
                passage.sent += len(body)
                if is_problem and body:
                    passage.outcome = passage.outcome or _code_of(body)
            await send(message)

        token = REQUEST_ID.set(passage.request_id)
        span = self._tracing.begin(passage.method, scope["headers"]) if self._tracing else None
        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, send_dressed)
        finally:
            self._metrics.in_flight -= 1
            seconds = perf_counter() - began
            self._metrics.observe_request(passage.method, passage.route, passage.status, seconds)
            if self._tracing:
                self._tracing.end(span, passage.route, passage.status)
            if self._log:
                # The caller has been answered; that the log's disk is full is no reason to hang up on them.
                with suppress(OSError):
                    _log_request(self._log, passage, seconds)
            REQUEST_ID.reset(token)


def _log_request(log: FilteringBoundLogger, passage: Passage, seconds: float) -> None:
    """One line. Those who only look whether the service is up would fill the log, so they show at `debug`."""
    fine = 0 < passage.status < HTTPStatus.BAD_REQUEST
    tell = log.debug if fine and passage.scope["path"] in WATCHED else log.info
    caller = passage.caller
    who = {} if caller is None else {"clinic": caller.clinic, "caller": str(caller.kind), "subject": caller.subject}
    tell(
        "request",
        method=passage.method,
        route=passage.route,
        status=passage.status,
        duration_ms=round(seconds * 1000, 2),
        bytes=passage.sent,
        outcome=passage.outcome or ("answered" if fine else "refused" if passage.status else "unanswered"),
        **who,
    )


def _code_of(problem: bytes) -> str:
    """The stable code of a problem; of HEAD's, whose body is not sent, and of another's, nothing."""
    try:
        code = orjson.loads(problem)["code"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
