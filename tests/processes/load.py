"""Clients that keep a service busy as real ones would: they try again, with the same key, and remember the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import orjson

from app.services.examples import FIRST
from tests.processes.record import Acknowledged, Record, read_acknowledged

_TIMEOUT_SECONDS = 40.0
"""Longer than any service may take for an answer, so that one that never comes is a surprise."""
_LONGEST_WAIT = 0.25
"""Seconds that a client waits before it tries again, whatever Retry-After says: tests are in a hurry."""
_AGAIN = frozenset({409, 429, 503})
_JSON = {"Content-Type": "application/json"}
_PATCH = {"Content-Type": "application/merge-patch+json"}


class Load:
    """Clients of `addresses`, all with `headers`. Each stores consultations and revises its own, one after the other.

    A client that gets no answer, or one that says to try again, sends the same once more, to the next address.
    """

    def __init__(self, addresses: Sequence[str], headers: Mapping[str, str] | None = None, seed: int = 0) -> None:
        self.record = Record()
        self._addresses = addresses
        self._headers = dict(headers or {})
        self._random = Random(seed)
        self._going = False
        self._heard = asyncio.Event()
        self._patience = float("inf")

    @asynccontextmanager
    async def running(self, clients: int = 8, *, settle_seconds: float = 30.0) -> AsyncIterator[Record]:
        """Clients at work for as long as the block lasts; afterwards each brings what it has begun to an end.

        What is still without an answer after `settle_seconds` is `unknown`.
        """
        self._going, self._patience = True, float("inf")
        limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
        async with (
            httpx.AsyncClient(headers=self._headers, timeout=_TIMEOUT_SECONDS, limits=limits, trust_env=False) as http,
            asyncio.TaskGroup() as tasks,
        ):
            for number in range(clients):
                tasks.create_task(self._work(http, number))
            try:
                yield self.record
            finally:
                self._going, self._patience = False, monotonic() + settle_seconds

    async def wait_for(self, more: int, seconds: float = 30.0) -> None:
        """Wait until `more` revisions were acknowledged than now. TimeoutError."""
        enough = len(self.record.acknowledged) + more
        await self.wait_until(lambda record: len(record.acknowledged) >= enough, seconds)

    async def wait_until(self, seen: Callable[[Record], bool], seconds: float = 30.0) -> None:
        """Wait until the clients have `seen` it; looked at after each answer and each cut. TimeoutError."""
        async with asyncio.timeout(seconds):
            while not seen(self.record):
                self._heard.clear()
                await self._heard.wait()

    async def _work(self, http: httpx.AsyncClient, number: int) -> None:
        mine: list[Acknowledged] = []
        while self._going:
            if mine and self._random.random() < 0.3:
                place = self._random.randrange(len(mine))
                made = await self._revise(http, number, mine[place])
                if made is not None:
                    mine[place] = made
            else:
                made = await self._store(http, number)
                mine += [made] if made is not None else []
            if made is not None:
                self.record.acknowledged.append(made)
            self._heard.set()

    async def _store(self, http: httpx.AsyncClient, number: int) -> Acknowledged | None:
        body = deepcopy(FIRST)
        body["patient"]["reference"] = f"MRN-{self._random.randrange(10**9):09}"
        body["complaint"]["back_pain"] = self._random.randrange(11)
        sent = orjson.dumps(body)
        key = str(UUID(int=self._random.getrandbits(128), version=4))
        answer, _ = await self._send(http, number, "POST", "/v1/consultations", sent, _JSON | {"Idempotency-Key": key})
        if answer is None:
            self.record.unknown[key] = sent
            return None
        if answer.status_code != httpx.codes.CREATED:
            self._wonder("POST", answer)
            return None
        return read_acknowledged(answer.content, answer.headers["ETag"], key, sent)

    async def _revise(self, http: httpx.AsyncClient, number: int, known: Acknowledged) -> Acknowledged | None:
        # Another figure with each revision, so that one found later says by whom it was made.
        patch = {"complaint": {"leg_pain": known.revision % 11, "back_pain": (known.revision // 11) % 11}}
        sent, path = orjson.dumps(patch), f"/v1/consultations/{known.id}"
        answer, doubt = await self._send(http, number, "PATCH", path, sent, _PATCH | {"If-Match": known.etag})
        if answer is not None and answer.status_code == httpx.codes.PRECONDITION_FAILED and doubt:
            # An earlier try got through although it was not heard of: only this client changes this consultation.
            answer, _ = await self._send(http, number, "GET", path, b"", {})
        if answer is None:
            return None
        if answer.status_code != httpx.codes.OK:
            self._wonder("PATCH", answer)
            return None
        found = orjson.loads(answer.content)
        if found["revision"] != known.revision + 1 or not _holds(found["consultation"], patch):
            self.record.surprises.append(f"PATCH of revision {known.revision} came to {found['revision']}")
            return None
        return read_acknowledged(answer.content, answer.headers["ETag"], None, sent)

    async def _send(
        self, http: httpx.AsyncClient, number: int, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> tuple[httpx.Response | None, bool]:
        """The final answer, if there was one in time; and whether an earlier try may have been carried out."""
        doubt = False
        for attempt in range(1_000_000):
            address = self._addresses[(number + attempt) % len(self._addresses)]
            try:
                answer = await http.request(method, address + path, content=content, headers=headers)
            except httpx.TransportError as error:
                self.record.cuts += 1
                if isinstance(error, httpx.TimeoutException):
                    self.record.surprises.append(f"{method}: no answer within {_TIMEOUT_SECONDS:g} seconds")
                self._heard.set()
                doubt = True
                await asyncio.sleep(0.05)
            else:
                self.record.statuses[answer.status_code] += 1
                self._look_at(method, answer)
                self._heard.set()
                if answer.status_code not in _AGAIN:
                    return answer, doubt
                doubt = True
                await asyncio.sleep(min(float(answer.headers.get("Retry-After", "0")), _LONGEST_WAIT))
            if monotonic() > self._patience:
                break
        return None, doubt

    def _look_at(self, method: str, answer: httpx.Response) -> None:
        """Note down an error that says nothing, or not when to come back."""
        if answer.is_success:
            return
        status = answer.status_code
        clear = answer.headers.get("Content-Type") == "application/problem+json" and "code" in answer.json()
        waits = status not in {429, 503} or answer.headers.get("Retry-After", "").isdecimal()
        if not clear or not waits or (answer.is_server_error and status != httpx.codes.SERVICE_UNAVAILABLE):
            self._wonder(method, answer)

    def _wonder(self, method: str, answer: httpx.Response) -> None:
        retry = answer.headers.get("Retry-After")
        self.record.surprises.append(f"{method}: {answer.status_code}, Retry-After {retry}: {answer.text[:500]}")


def _holds(document: Any, patch: Any) -> bool:
    """Whether every value of a patch without nulls is in the document."""
    if not isinstance(patch, dict):
        return bool(document == patch)
    return isinstance(document, dict) and all(_holds(document.get(key), value) for key, value in patch.items())
