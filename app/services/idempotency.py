"""Requests that carry an Idempotency-Key: done once, however often they are sent.

A receipt is stored in the transaction that does the work, so that after a crash there is either both or neither. Keys
belong to a clinic, and a key stands for one request: its action, what it is about, and its body as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

from app.errors import RequestRunning
from app.services.call import Call
from app.store import Receipt
from app.triage import canonical


class Running:
    """The keys whose first request this process is at work on. What other processes do shows when it is stored."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def only(self, call: Call) -> Iterator[None]:
        """Hold the call's key, if it has one, for as long as the block runs. RequestRunning when it is held."""
        if call.idempotency_key is None:
            yield
            return
        held = (call.clinic, call.idempotency_key)
        if held in self._keys:
            raise RequestRunning("the first request with this Idempotency-Key is still at work; ask again in a moment")
        self._keys.add(held)
        try:
            yield
        finally:
            self._keys.discard(held)


def receipt_for(call: Call, document: Any, since: Callable[[], datetime]) -> Receipt | None:
    """An empty receipt for the request, to be filled with what is answered; None when it carries no key.

    What was answered before `since` counts no more.
    """
    if call.idempotency_key is None:
        return None
    asked = f"{call.action}\x00{call.target or ''}\x00".encode() + canonical(document)
    key_hash = sha256(call.idempotency_key.encode()).hexdigest()
    return Receipt(key_hash=key_hash, request_hash=sha256(asked).hexdigest(), since=since())
