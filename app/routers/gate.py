"""The gate before every use case: who is calling, whether they may, and whether they ask too often."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from starlette.requests import Request

from app.access import Action, Caller
from app.errors import Fault, InvalidInput, Unauthenticated
from app.routers.edge.limits import FailureLimiter, RateLimiter
from app.services.call import Call

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_STRANGERS = 2
"""Look-ups at once for strangers from addresses that have failed too often."""
_ALLOWED_KEY = "1 to 255 visible ASCII characters, such as a UUID; a new one for each request, the same for its retries"


class Gate:
    """Lets requests in, each as a `Call`. Every endpoint but health and documentation begins here.

    Args:
        admit: who an Authorization header proves the caller to be; see `Gatekeeper.admit`.
        rate: how often a caller may ask.
        failures: how often an address may fail to say who it is.
        is_familiar: whether a header admitted somebody before; see `Gatekeeper.is_familiar`.
    """

    def __init__(
        self,
        admit: Callable[[str | None], Awaitable[Caller]],
        rate: RateLimiter,
        failures: FailureLimiter,
        is_familiar: Callable[[str | None], bool],
    ) -> None:
        self._admit, self._rate, self._failures, self._is_familiar = admit, rate, failures, is_familiar
        self._strangers = asyncio.Semaphore(_STRANGERS)
        self.clinics: set[str] = set()
        """Those that have called since the service started, and those it was told of: whose audit it seals."""

    async def let_in(self, request: Request, action: Action, target: str | None = None) -> Call:
        """The request as a call for `action` on the record `target`.

        Raises Unauthenticated, Forbidden, TooManyRequests, InvalidInput for an Idempotency-Key that cannot be one, and
        StoreUnavailable or IssuerUnavailable.
        """
        headers: list[tuple[bytes, bytes]] = request.scope["headers"]
        address = None if request.client is None else request.client.host
        try:
            caller = await self._identify(_one(headers, b"authorization"), address)
        except Unauthenticated:
            self._failures.check_failures(address)
            self._failures.note_failure(address)
            raise
        state = request.scope.setdefault("state", {})
        state["caller"] = caller
        self.clinics.add(caller.clinic)
        self._rate.check(_subject(caller))
        call = state["call"] = Call(caller, action, target, address, state.get("request_id"))
        caller.require(action)
        key = _idempotency_key(request)
        return call if key is None else replace(call, idempotency_key=key)

    async def _identify(self, authorization: str | None, address: str | None) -> Caller:
        """Who is calling. Strangers from an address that keeps failing are looked up a few at a time, whoever they are.

        So one device with an old key locks nobody out who calls from behind the same address, and a flood of made-up
        keys costs the database little.
        """
        if self._is_familiar(authorization) or self._failures.has_room(address):
            return await self._admit(authorization)
        async with self._strangers:
            return await self._admit(authorization)

    async def pace(self, call: Call) -> None:
        """Count one thing more that a call asks for beside itself, such as a line of a batch, once the rate allows."""
        await self._rate.wait(_subject(call.caller))


def call_of(request: Request) -> Call | None:
    """The call that a request was let in as, if it was."""
    found: Call | None = request.scope.get("state", {}).get("call")
    return found


def _subject(caller: Caller) -> str:
    return f"{caller.clinic}/{caller.kind}/{caller.subject}"


def _one(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str | None:
    found = [value for name, value in headers if name == wanted]
    if len(found) > 1:
        raise Unauthenticated("send the Authorization header once")
    return str(found[0], "latin-1") if found else None


def _idempotency_key(request: Request) -> str | None:
    found: list[bytes] = [value for name, value in request.scope["headers"] if name == b"idempotency-key"]
    if not found or request.method != "POST":
        return None
    key = found[0].decode("latin-1").strip()
    if len(found) > 1 or not _KEY.fullmatch(key):
        raise InvalidInput([Fault("/header/Idempotency-Key", "this cannot be an idempotency key", _ALLOWED_KEY)])
    return key
