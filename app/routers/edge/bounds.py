"""The inner layer: how many requests are at work at once, and how long one may take to arrive and to be answered.

It stands inside Guard, so that an answer to HEAD loses its body there, and what goes wrong here is caught there.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from app.routers.edge.hurry import Hurry
from app.routers.edge.options import ALWAYS_ANSWERED, EdgeOptions
from app.routers.edge.passage import passage_of
from app.routers.edge.refusals import busy, slow_answer, slow_body


class Bounds:
    """Pure ASGI."""

    def __init__(self, app: ASGIApp, options: EdgeOptions) -> None:
        self._app = app
        self._options = options
        self._running = self._streaming = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passage_of(scope).scope = scope
        if scope["path"] in ALWAYS_ANSWERED:
            await self._serve(scope, receive, send)
            return
        streams = scope["path"] in self._options.unhurried
        if self._running >= self._options.concurrent or (streams and self._streaming >= self._options.streaming):
            await busy()(scope, receive, send)
            return
        self._running += 1
        self._streaming += streams
        try:
            await self._serve(scope, receive, send)
        finally:
            self._running -= 1
            self._streaming -= streams

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        passage, options = passage_of(scope), self._options
        hurry = Hurry(receive, passage, options, unhurried=scope["path"] in options.unhurried)
        if await hurry.finishes(self._app(scope, hurry.receive, send)):
            return
        # Once a part was sent there is nothing honest to add; the server closes the connection.
        if passage.status:
            passage.outcome = "cut-off"
        elif hurry.waiting:
            await slow_body(options.body_seconds)(scope, receive, send)
        else:
            await slow_answer(options.request_seconds)(scope, receive, send)
