"""An answer that is written line by line while the request is still being read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.routers.edge.passage import passage_of

NDJSON = "application/x-ndjson"
"""One JSON document a line, in UTF-8."""

MOST_WAITING_BYTES = 4 * 1024 * 1024
"""Of results for a caller who does not read them yet, as many clients do not before they have sent everything.

Beyond that, and as much again that is being sent, no more lines are read until the caller takes some.
"""

MOST_WAITING_SECONDS = 60.0
"""For which a caller may take none of what waits. Then the connection is cut: both sides would wait for ever."""

Tell = Callable[[bytes], Awaitable[None]]


class LineResults(Response):
    """Runs `work`, which tells its lines, each with its end, one after the other.

    Starlette's own streaming answer would listen for a caller who leaves, and so take the pieces of the body for
    itself. It also begins before it has anything to say, and a caller who waits for `100 Continue` never sends a body.
    """

    def __init__(self, work: Callable[[Tell], Awaitable[None]]) -> None:
        self.status_code, self.media_type, self.background = 200, NDJSON, None
        self.init_headers()
        self._work = work

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer one request."""
        waiting = _Waiting()
        sending = asyncio.create_task(self._send_all(waiting, send))
        try:
            with suppress(_NotTaken):
                await self._work(waiting.put)
            waiting.end()
            await sending
        except _NotTaken:
            # The answer stays without its end, by which the caller can tell, and the server closes the connection.
            passage_of(scope).outcome = "cut-off"
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send_all(self, waiting: _Waiting, send: Send) -> None:
        try:
            is_first, is_more = True, True
            while is_more:
                lines, is_more = await waiting.take()
                async with asyncio.timeout(MOST_WAITING_SECONDS):
                    if is_first:
                        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                        is_first = False
                    await send({"type": "http.response.body", "body": lines, "more_body": is_more})
        except TimeoutError:
            raise _NotTaken from None
        finally:
            waiting.give_up()


class _NotTaken(Exception):
    """The caller does not read its answer."""


class _Waiting:
    """Lines that were told and not sent yet."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size = 0
        self._is_over = self._is_given_up = False
        self._filled, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    async def put(self, line: bytes) -> None:
        """Add a line once there is room. _NotTaken when there will be none."""
        await self._room.wait()
        if self._is_given_up:
            raise _NotTaken
        self._lines.append(line)
        self._size += len(line)
        self._filled.set()
        if self._size >= MOST_WAITING_BYTES:
            self._room.clear()

    async def take(self) -> tuple[bytes, bool]:
        """All that waits, as soon as there is any, and whether there may be more."""
        await self._filled.wait()
        lines = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        self._filled.clear()
        self._room.set()
        return lines, not self._is_over

    def end(self) -> None:
        """Nothing more will be put."""
        self._is_over = True
        self._filled.set()

    def give_up(self) -> None:
        """Nothing more will be taken."""
        self._is_given_up = True
        self._room.set()
