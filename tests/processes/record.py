"""What clients were told while something was being broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One revision that the service said it had stored."""

    id: str
    revision: int
    etag: str
    key: str | None
    """The Idempotency-Key of the POST that made it; none for a revision made by PATCH."""
    sent: bytes
    note: bytes
    """The note inside the answer, as JSON."""
    digest: str
    """SHA-256 of the whole answer."""


@dataclass(slots=True)
class Record:
    """All that was seen, from all clients."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    unknown: dict[str, bytes] = field(default_factory=dict)
    """By Idempotency-Key: what was sent, and never answered."""
    statuses: Counter[int] = field(default_factory=Counter)
    cuts: int = 0
    """How often a connection could not be made, broke, or kept silent for too long."""
    surprises: list[str] = field(default_factory=list)
    """Answers that no client should get: `500`, a `503` without Retry-After, an error without a code, …"""

    @property
    def ids(self) -> set[str]:
        """The consultations that were acknowledged."""
        return {each.id for each in self.acknowledged}


def read_acknowledged(content: bytes, etag: str, key: str | None, sent: bytes) -> Acknowledged:
    """What an answer to POST or PATCH says was stored."""
    answer: dict[str, Any] = orjson.loads(content)
    note = orjson.dumps(answer["note"])
    return Acknowledged(answer["id"], answer["revision"], etag, key, sent, note, sha256(content).hexdigest())
