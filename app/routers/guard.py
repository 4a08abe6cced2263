"""The outermost layer: an error that nobody foresaw becomes a clean answer and a log entry without patient data.

Starlette's own layer raises such an error again after it has answered, and the server then logs its message, in which
libraries like to quote the values they stumbled over.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("spine_triage.http")


class Guard:
    """Pure ASGI. Also answers HEAD wherever GET is answered, as RFC 9110 asks, which FastAPI does not.

    Args:
        app: the application inside.
        answer: makes the ASGI response to an unexpected error, given the incident's id (a UUID).
    """

    def __init__(self, app: ASGIApp, answer: Callable[[str], ASGIApp]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:  # noqa: BLE001 - this is the last place where anything can be caught
            incident = str(uuid.uuid4())
            log_incident(incident, error)
            # Once a part was sent there is nothing honest to add; the server closes the connection.
            if not started:
                await self._answer(incident)(scope, receive, send)


def log_incident(incident: str, error: BaseException) -> None:
    """Log an error that nobody foresaw under the id its caller is told. How it is written is for the edge's logs."""
    _log.error("incident %s", incident, extra={"incident": incident}, exc_info=error)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
