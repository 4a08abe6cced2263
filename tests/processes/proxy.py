"""A way to the database that can be slow, silent or cut: a TCP proxy on 127.0.0.1 in the test's own event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from sqlalchemy import make_url

_CHUNK = 65_536


class Proxy:
    """Passes connections on to `target`, a port of 127.0.0.1. Use it as an asynchronous context."""

    def __init__(self, target: int) -> None:
        self.port = 0
        """Where it listens, once entered."""
        self.delay = 0.0
        """Seconds that every piece waits, in either direction; a question and its answer wait twice."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[Any]] = set()
        self._questions, self._answers = asyncio.Event(), asyncio.Event()
        self.release()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.refuse()
        self.release()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def through(self, url: str) -> str:
        """The database's URL, by way of this proxy."""
        return make_url(url).set(host="127.0.0.1", port=self.port).render_as_string(hide_password=False)

    def cut(self) -> None:
        """Break every connection there is, without a goodbye; new ones are let through."""
        for writer in self._writers:
            writer.transport.abort()

    def refuse(self) -> None:
        """Break every connection, and each new one at once, until `accept`."""
        self._refusing = True
        self.cut()

    def accept(self) -> None:
        """Let new connections through again."""
        self._refusing = False

    def hold(self, *, answers_only: bool = False) -> None:
        """Pass nothing on until `release`: the other side is simply silent.

        With `answers_only` the database gets what it is sent and does it, and nobody hears of it; followed by `cut`,
        a commit's outcome stays unknown to whoever asked for it.
        """
        self._answers.clear()
        if not answers_only:
            self._questions.clear()

    def release(self) -> None:
        """Pass on what was held, and all that follows."""
        self._answers.set()
        self._questions.set()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both, task = {writer, far_writer}, asyncio.current_task()
        self._writers |= both
        self._passing |= {task} if task else set()
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer, self._questions)),
            asyncio.create_task(self._pump(far_reader, writer, self._answers)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for one in both:
                one.transport.abort()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._writers -= both
            self._passing -= {task}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await flowing.wait()
                writer.write(data)
                await writer.drain()
