"""The cheapest keep-alive HTTP client that can be: ready-made requests in, whole answers out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_ANSWER_SECONDS = 60.0
"""The longest that a whole turn may take."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


def post_request(path: str, body: bytes, **headers: str) -> bytes:
    """A POST as `httpx` would send it, with further headers: `Idempotency_Key` for Idempotency-Key."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
        f"Connection: keep-alive\r\nUser-Agent: bench\r\nContent-Length: {len(body)}\r\n"
        f"{more}Content-Type: application/json\r\n\r\n"
    )
    return head.encode() + body


def answers(address: Address, requests: Sequence[bytes], status: int) -> list[bytes]:
    """The body of each answer, asked one after the other. AssertionError for another status."""
    kept: list[bytes] = []
    _run(address, iter(requests), 1, status, kept)
    return kept


def rate_of(address: Address, requests: Sequence[bytes], connections: int, status: int) -> float:
    """Answers a second when `connections` keep asking. AssertionError for another status."""
    begun = perf_counter()
    _run(address, iter(requests), connections, status, None)
    return len(requests) / (perf_counter() - begun)


def _run(address: Address, requests: Iterator[bytes], connections: int, status: int, kept: list[bytes] | None) -> None:
    async def exchange() -> None:
        loop = asyncio.get_running_loop()
        make = partial(_Caller, requests, status, kept)
        async with asyncio.timeout(_ANSWER_SECONDS):
            opened = [await loop.create_connection(make, address.host, address.port) for _ in range(connections)]
            await asyncio.gather(*(caller.done for _, caller in opened))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(exchange())


class _Caller(asyncio.Protocol):
    """One connection: takes the next request as soon as its last one is answered, until there are no more."""

    def __init__(self, requests: Iterator[bytes], status: int, kept: list[bytes] | None) -> None:
        self._requests = requests
        self._expected = b"HTTP/1.1 %d " % status
        self._kept = kept
        self._received = bytearray()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        length = _LENGTH.search(self._received, 0, end)
        if length is None or not self._received.startswith(self._expected):
            self._fail(AssertionError(f"not answered as expected: {bytes(self._received[:400])!r}"))
        elif len(self._received) == end + int(length[1]):
            if self._kept is not None:
                self._kept.append(bytes(self._received[end:]))
            self._received.clear()
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
            return
        self.done.set_result(None)
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self._transport.close()
