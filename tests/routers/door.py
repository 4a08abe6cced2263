"""The whole application in this process, with keys for whoever is to call it."""

from __future__ import annotations

from datetime import timedelta

import httpx

from app.access import Gatekeeper, Scope, TokenVerifier
from app.models import LOCAL_CLINIC
from app.routers.edge import EdgeOptions, FailureLimiter, Metrics, RateLimiter
from app.routers.gate import Gate
from app.routers.service import build_service
from app.services.keys.admission import Admission
from app.services.keys.clinics import ShownKey, create_key, revoke_key
from app.services.service import Service
from app.store import Database
from tests.access.clock import Clock

EVERYTHING = frozenset(Scope)
BASE = "http://clinic.test"
_MANY = 1_000_000


class Door:
    """An application that is wired as `app.main` does it, and the operator who hands out keys to it.

    owned   the database as its owner reaches it
    tokens  who checks people's tokens, if any are accepted
    clock   by which keys expire, and are asked for again; it stands still until it is moved
    rates   requests a minute of each caller, and those without valid credentials of each address
    """

    def __init__(
        self,
        service: Service,
        owned: Database,
        tokens: TokenVerifier | None = None,
        clock: Clock | None = None,
        rates: tuple[int, int] = (_MANY, _MANY),
    ) -> None:
        self.service, self.clock = service, clock or Clock()
        self._owned = owned
        admission = Admission(service.database)
        self._gatekeeper = Gatekeeper(
            find_key=admission.find_key,
            note_use=admission.note_use,
            clinic_exists=admission.clinic_exists,
            tokens=tokens,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
        )
        gate = Gate(
            self._gatekeeper.admit, RateLimiter(rates[0]), FailureLimiter(rates[1]), self._gatekeeper.is_familiar
        )
        self.app = build_service(service, gate, Metrics({"version": "0"}), EdgeOptions())

    async def make_key(
        self,
        clinic: str = LOCAL_CLINIC,
        scopes: frozenset[Scope] = EVERYTHING,
        lifetime: timedelta | None = None,
    ) -> ShownKey:
        """A new key of a clinic that is open."""
        return await create_key(self._owned, clinic, "a test", scopes, self.clock.now(), lifetime)

    async def revoke(self, key: ShownKey) -> None:
        """Take a key back, and wait until that is known everywhere."""
        await revoke_key(self._owned, key.key.clinic, key.key.key_id, self.clock.now())
        self.clock.go_on(10)

    def caller(self, credential: str | None) -> httpx.AsyncClient:
        """A client that shows this key or token, or none. To be closed by whoever asked for it."""
        headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=BASE, headers=headers)

    async def close(self) -> None:
        """Let what was begun come to its end; before the database is closed."""
        await self._gatekeeper.close()
