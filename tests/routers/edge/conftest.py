from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from starlette.types import ASGIApp

from app.routers.edge import configure_logging
from app.routers.edge.heads import head_protocol

Lines = Callable[[], list[dict[str, Any]]]
LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged during a test, each line read as JSON; what the test's own client logs aside."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging("debug", stream)
    yield lambda: [line for line in map(json.loads, stream.getvalue().splitlines()) if not _is_clients(line)]
    structlog.reset_defaults()
    logging.raiseExceptions = True
    logging.basicConfig(level=level, handlers=handlers, force=True)
    for name in LOGGERS:
        logging.getLogger(name).disabled = False


def _is_clients(line: dict[str, Any]) -> bool:
    return line["level"] in ("debug", "info") and line["logger"].startswith(("httpx", "httpcore", "asyncio"))


@contextmanager
def served(
    app: ASGIApp, *, head_seconds: float = 10.0, head_bytes: int = 32_768, grace: int = 5
) -> Iterator[tuple[uvicorn.Server, int]]:
    """A real server on a free port of this machine, in a thread; stopped, and waited for, at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            http=head_protocol(head_seconds, head_bytes),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=grace,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def asked(app: ASGIApp, method: str, path: str, **arguments: Any) -> httpx.Response:
    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
            return await client.request(method, path, **arguments)

    return asyncio.run(exchange())
