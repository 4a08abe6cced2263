"""What an operator may choose about the edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Addresses that tell how the service does: logged only when they fail."""

ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})
"""Addresses that are answered however busy the service is: both are cheap, whoever asks."""


class Tracing(Protocol):
    """Makes a span of each request; see `start_tracing`."""

    def begin(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Any:
        """Open a span, under that of the caller's `traceparent` if there is one."""

    def end(self, opened: Any, route: str, status: int) -> None:
        """Close what `begin` gave, now that the route's template and the status are known (0: no answer)."""

    def shutdown(self) -> None:
        """Send what was not sent yet, and stop."""


@dataclass(frozen=True, slots=True)
class EdgeOptions:
    """How requests are bounded and answers are dressed.

    origins           web origins whose scripts may call; none, unless named
    strict_transport  seconds that browsers shall insist on HTTPS; 0 says nothing of it
    body_seconds      from when the service asks for a body until all of it has arrived
    request_seconds   from the end of the head to the end of the answer
    concurrent        requests at work at once; more are turned away
    unhurried         paths that stream: each piece of the body has `body_seconds`, and the whole may take any time
    tracing           where spans go, if anywhere
    """

    origins: tuple[str, ...] = ()
    strict_transport: int = 0
    body_seconds: float = 15.0
    request_seconds: float = 30.0
    concurrent: int = 256
    unhurried: frozenset[str] = frozenset()
    tracing: Tracing | None = None

    @property
    def streaming(self) -> int:
        """Requests for `unhurried` paths at work at once: they may last, and must not take all places of the others."""
        return max(1, self.concurrent // 8)
