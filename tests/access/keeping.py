"""What a store would hold of keys and clinics, in memory, and how a gatekeeper refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.access import Gatekeeper, Scope, StoredKey, make_key
from app.errors import Unauthenticated
from tests.access.clock import NOW, Clock

UNKNOWN = "this API key is not known here, has expired, or was revoked"
SCOPES = frozenset({Scope.TRIAGE, Scope.AUDIT_READ})


class Keys:
    """The keys and clinics that a store would hold. Counts what was asked of it."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], StoredKey] = {}
        self.clinics = {"north"}
        self.asked: list[tuple[str, str]] = []
        self.used: list[tuple[str, datetime]] = []
        self.fault: Exception | None = None

    def make(self, **changed: Any) -> tuple[str, StoredKey]:
        shown, stored = make_key("north", "front desk", SCOPES, NOW)
        self.keep(replace(stored, **changed))
        return shown, stored

    def keep(self, key: StoredKey) -> None:
        self.stored[key.clinic, key.key_id] = key

    async def find(self, clinic: str, key_id: str) -> StoredKey | None:
        self.asked.append((clinic, key_id))
        if self.fault is not None:
            raise self.fault
        return self.stored.get((clinic, key_id))

    async def note_use(self, key: StoredKey, moment: datetime) -> None:
        self.used.append((key.key_id, moment))
        if self.fault is not None:
            raise self.fault

    async def has_clinic(self, clinic: str) -> bool:
        return clinic in self.clinics


def open_gate(held: Keys, clock: Clock, **changed: Any) -> Gatekeeper:
    """A gatekeeper of these keys, who believes no tokens, with some of what it is given changed."""
    given = {"find_key": held.find, "note_use": held.note_use, "clinic_exists": held.has_clinic, "tokens": None}
    return Gatekeeper(**{**given, **changed}, now=clock.now, monotonic=clock.monotonic)


async def refusal(gate: Gatekeeper, authorization: str | None) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await gate.admit(authorization)
    return str(refused.value)
