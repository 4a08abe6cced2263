from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from app.routers.edge import EdgeOptions, Metrics, surround
from app.routers.guard import Guard


@dataclass(frozen=True)
class Caller:
    clinic: str
    kind: str
    subject: str


class Clinic:
    """A small application within the edge. /wait and /lines set `work`; the former then waits for `release`."""

    def __init__(self, options: EdgeOptions) -> None:
        self.metrics = Metrics({"version": "1.2.3"})
        self.work = threading.Event()
        self._go = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app = FastAPI(openapi_url=None, docs_url="/docs")
        self._add_quick()
        self._add_slow()

        @self.app.exception_handler(ClientDisconnect)
        async def left(_: Request, __: Exception) -> Response:
            return Response(status_code=400)

        self.app.add_middleware(Guard, answer=_answer)
        surround(self.app, options, self.metrics)

    def release(self) -> None:
        """Let /wait answer; from another thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._go.set)

    def _add_quick(self) -> None:
        @self.app.get("/healthz")
        async def healthz() -> Response:
            return Response("ok")

        @self.app.get("/patients/{reference}")
        async def patient(request: Request, reference: str) -> Response:
            request.state.caller = Caller("st-anna", "api_key", "abc234")
            return Response("{}", headers={"ETag": '"1"'})

        @self.app.post("/notes")
        async def note(request: Request) -> Response:
            return Response(await request.body())

        @self.app.get("/kept")
        async def kept() -> Response:
            return Response("x", headers={"Cache-Control": "private, no-cache", "Content-Security-Policy": "sandbox"})

        @self.app.get("/broken/{what}")
        async def broken(what: str) -> Response:
            try:
                int(what)
            except ValueError as error:
                raise LookupError(what) from error
            raise HTTPException(418, "a teapot")

    def _add_slow(self) -> None:
        @self.app.post("/lines")
        async def lines(request: Request) -> Response:
            found = []
            async for piece in request.stream():
                found.append(len(piece))
                self.work.set()
            return Response(str(found))

        @self.app.get("/endless")
        async def endless() -> Response:
            async def write() -> AsyncIterator[bytes]:
                while True:
                    yield b"line\n"
                    await asyncio.sleep(0.02)

            return StreamingResponse(write())

        @self.app.get("/wait")
        async def wait() -> Response:
            self._loop = asyncio.get_running_loop()
            self.work.set()
            await self._go.wait()
            return Response("done")


def _answer(_: str) -> ASGIApp:
    return Response(b'{"code":"internal-error"}', 500, media_type="application/problem+json")
