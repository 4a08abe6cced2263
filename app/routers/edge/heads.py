"""Bounds on what comes before a request: uvicorn alone waits for a head, and takes of it, as long as it is sent."""

from __future__ import annotations

from asyncio import TimerHandle, Transport

from httptools import HttpParserError
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.routers.edge.headers import complete_headers, safe_headers
from app.routers.edge.refusals import large_head, not_http, slow_head


def head_protocol(seconds: float = 10.0, most_bytes: int = 32_768) -> type[HttpToolsProtocol]:
    """For `uvicorn.Config(http=...)`: closes connections that keep it waiting, answers 431 to a head that is too large.

    Args:
        seconds: how long a connection may go without a whole head while nothing of it is being answered. An idle one
            between two requests is closed by uvicorn itself, after its `timeout_keep_alive`.
        most_bytes: of a head, the request line included.
    """
    return type("HeadProtocol", (_HeadProtocol,), {"seconds": seconds, "most_bytes": most_bytes})


class _HeadProtocol(HttpToolsProtocol):
    seconds: float
    most_bytes: int
    timer: TimerHandle | None = None
    in_head = True
    head_bytes = 0
    had_body = False
    framing_bytes = 0
    refusal: Response | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head = self.in_head
        self.had_body = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not was_in_head and not self.in_head and not self.had_body:
            # Trailers, or a chunk's extensions: neither is passed on, and neither is taken without end.
            self.framing_bytes += len(data)
            if self.framing_bytes > self.most_bytes:
                self._end(large_head(self.most_bytes))
                return
        if was_in_head and self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > self.most_bytes:
                self._refuse(large_head(self.most_bytes))
        if self.cycle is None or self.cycle.response_complete:
            # A part of a head; or of a body that was answered unread, which takes up a connection just as well.
            self._set_timer()

    def on_message_begin(self) -> None:
        self.in_head, self.head_bytes, self.framing_bytes = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # The parser tells of trailers by the same way, and the request's own list would take them for header fields:
        # credentials that a proxy in front has never seen (RFC 9110, 6.5.1).
        if self.in_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self.had_body, self.framing_bytes = True, 0
        super().on_body(body)

    def on_headers_complete(self) -> None:
        self.in_head = False
        self._stop_timer()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.most_bytes:
            self.refusal = large_head(self.most_bytes)
            raise HttpParserError
        super().on_headers_complete()

    def send_400_response(self, _: str) -> None:
        self._refuse(self.refusal or not_http())

    def _end(self, problem: Response) -> None:
        if self.cycle is None or not self.cycle.response_started:
            self._refuse(problem)
        else:
            self.transport.close()

    def _refuse(self, problem: Response) -> None:
        headers = complete_headers(problem.raw_headers, safe_headers())
        lines = [b"%s: %s\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[problem.status_code], *lines, b"\r\n", bytes(problem.body)]))
        self.transport.close()

    def _set_timer(self) -> None:
        if self.timer is None:
            self.timer = self.loop.call_later(self.seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self.in_head and self.head_bytes:
            self._refuse(slow_head(self.seconds))
        else:
            self.transport.close()
