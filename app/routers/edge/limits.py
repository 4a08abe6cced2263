"""How often a caller may ask, and how often an address may fail to say who it is.

Counted in this process: with n processes on one database a caller may send up to n times as much.
"""

from __future__ import annotations

from asyncio import sleep
from ipaddress import ip_address

from app.errors import TooManyRequests
from app.routers.edge.minute import SlidingMinute

_SUBNET_BYTES = 8


class RateLimiter:
    """Requests a minute of each caller; None lets everybody ask as often as they like."""

    def __init__(self, per_minute: int | None) -> None:
        self._window = SlidingMinute(per_minute) if per_minute else None

    def check(self, subject: str) -> None:
        """Count one request of a caller. TooManyRequests, with the seconds to wait, when it is one too many."""
        if self._window and not self._window.take(subject):
            most = self._window.most
            raise TooManyRequests(f"at most {most:,} requests a minute from one caller", self._window.wait(subject))

    async def wait(self, subject: str) -> None:
        """Count one more of a caller, as soon as it would not be one too many."""
        while self._window and not self._window.take(subject):  # noqa: ASYNC110 - only time gives room
            await sleep(self._window.wait(subject))


class FailureLimiter:
    """Failed authentications a minute of each client address, and of each /64 where addresses are plenty (IPv6)."""

    def __init__(self, per_minute: int) -> None:
        self._window = SlidingMinute(per_minute)

    def note_failure(self, address: str | None) -> None:
        """Count one. `address` is the client's as the server knows it, None when it has none."""
        self._window.take(_network(address))

    def has_room(self, address: str | None) -> bool:
        """Whether the address may fail once more."""
        return self._window.has_room(_network(address))

    def check_failures(self, address: str | None) -> None:
        """TooManyRequests, with the seconds to wait, when the address has failed too often to be listened to."""
        network = _network(address)
        if not self._window.has_room(network):
            raise TooManyRequests("too many requests from here without valid credentials", self._window.wait(network))


def _network(address: str | None) -> str:
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "(no address)"
    if parsed.version == 4:  # noqa: PLR2004 - the protocol's name
        return str(parsed)
    return str(parsed.ipv4_mapped or parsed.packed[:_SUBNET_BYTES].hex())
