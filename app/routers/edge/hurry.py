"""How long a request may take to arrive and to be answered."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable

from starlette.types import Message, Receive

from app.routers.edge.options import EdgeOptions
from app.routers.edge.passage import CLIENT_LEFT, Passage


class Hurry:
    """The times of one request. What asyncio.timeout does, for two times with one timer, which is seldom set anew.

    receive   that of the server
    passage   the request
    unhurried  whether only each piece of the body has its time, and the whole may take any
    """

    __slots__ = (
        *("_receive", "_passage", "_loop", "_task", "_timer", "_unhurried", "_body_seconds"),
        *("_answer_due", "_body_due", "_arrived", "_over", "waiting"),
    )

    def __init__(self, receive: Receive, passage: Passage, options: EdgeOptions, *, unhurried: bool) -> None:
        self._receive, self._passage, self._unhurried = receive, passage, unhurried
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._body_seconds = options.body_seconds
        self._answer_due = math.inf if unhurried else self._loop.time() + options.request_seconds
        self._body_due = math.inf
        self._arrived = self._over = False
        self.waiting = False
        """Whether it is for the caller to send more of the body."""
        self._timer = self._loop.call_later(min(options.body_seconds, options.request_seconds), self._look)

    async def finishes(self, work: Awaitable[None]) -> bool:
        """Do the work. False when its time ran out, and it was cancelled."""
        try:
            await work
        except asyncio.CancelledError:
            # Whoever else cancelled the task, such as a server that stops, is not to be kept from it.
            if not self._over or (self._task and self._task.uncancel()):
                raise
            return False
        finally:
            self._timer.cancel()
        return True

    async def receive(self) -> Message:
        """The next piece of the body, or the news that the caller has left."""
        if not self._arrived:
            if self._unhurried or self._body_due == math.inf:
                self._body_due = self._loop.time() + self._body_seconds
            # While the application works between two pieces, it is not the caller who is slow.
            self.waiting = True
            message = await self._receive()
            self.waiting = False
            self._arrived = not message.get("more_body", False)
        else:
            message = await self._receive()
        if message["type"] == "http.disconnect" and not self._passage.status:
            self._passage.outcome = CLIENT_LEFT
        return message

    def _look(self) -> None:
        due = min(self._answer_due, self._body_due) if self.waiting else self._answer_due
        now = self._loop.time()
        if due > now:
            # Not yet; and a body that the application asks for in the meantime has its full time from then on.
            self._timer = self._loop.call_at(min(due, now + self._body_seconds), self._look)
        elif self._task:
            self._over = True
            self._task.cancel()
