"""The one way in: from the text of an Authorization header to a caller."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

from app.access.api_keys import PREFIX, StoredKey, parse_key, verify
from app.access.caller import Caller, CallerKind
from app.access.recent import Recent
from app.access.tokens import LONGEST_TOKEN, NO_CLINIC, TokenVerifier
from app.errors import Unauthenticated

REMEMBERED_SECONDS = 2.0
"""For how long a key that was found valid is not looked up again: a revocation works within this time."""

NOTED_SECONDS = 60.0
"""How long a key's last use is not noted again."""

FAMILIAR_SECONDS = 86_400.0
"""For how long credentials that were good once are looked up for an address that others fail from. No more than that:
whether they still are good is found out anew each time, after REMEMBERED_SECONDS like everywhere."""

_REMEMBERED = 1024
_FAMILIAR = 8192
_NOTED = 8192
_BEARER = re.compile(r"bearer +(?P<credential>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)
_LONGEST = len("Bearer ") + LONGEST_TOKEN
_SEND = "send the header `Authorization: Bearer <API key or token>`"
_INVALID_KEY = "this API key is not known here, has expired, or was revoked"

# What a secret is compared with if there is no such key, so that it takes the same time.
_NOBODY = StoredKey("nobody", "nobody", "nobody", bytes(32), frozenset(), created_at=datetime(1970, 1, 1, tzinfo=UTC))

_log = logging.getLogger("spine_triage.access")


class Gatekeeper:
    """Admits callers.

    Args:
        find_key: what is stored of the key with this clinic and key id, or None; the same work for every clinic,
            whether or not it is there.
        note_use: stores when a key was last used. Called at most once a minute for each key, and nobody waits for it.
        clinic_exists: whether there is a clinic with this id.
        tokens: checks people's tokens; None if no issuer is configured, and then none are accepted.
        now: the moment, with its time zone.
        monotonic: a clock in seconds that never goes back.
    """

    def __init__(
        self,
        *,
        find_key: Callable[[str, str], Awaitable[StoredKey | None]],
        note_use: Callable[[StoredKey, datetime], Awaitable[None]],
        clinic_exists: Callable[[str], Awaitable[bool]],
        tokens: TokenVerifier | None,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_key, self._note_use, self._clinic_exists = find_key, note_use, clinic_exists
        self._tokens = tokens
        self._now, self._monotonic = now, monotonic
        self._verified: Recent[bytes, StoredKey] = Recent(REMEMBERED_SECONDS, _REMEMBERED)
        self._looking: Recent[bytes, asyncio.Task[StoredKey | None]] = Recent(REMEMBERED_SECONDS, _REMEMBERED)
        self._familiar: Recent[bytes, bool] = Recent(FAMILIAR_SECONDS, _FAMILIAR)
        self._noted: Recent[tuple[str, str], bool] = Recent(NOTED_SECONDS, _NOTED)
        self._noting: set[asyncio.Task[None]] = set()

    async def admit(self, authorization: str | None) -> Caller:
        """The caller that a request's Authorization header proves.

        Raises Unauthenticated if it proves none, in the same words and by the same path whether the clinic, the key or
        its secret is wrong; IssuerUnavailable; and what `find_key` and `clinic_exists` raise.
        """
        try:
            caller = await self._admit(authorization)
        except Unauthenticated:
            self._familiar.forget(_digest(authorization))
            raise
        self._familiar.put(_digest(authorization), True, self._monotonic())
        return caller

    def is_familiar(self, authorization: str | None) -> bool:
        """Whether this very header admitted somebody within FAMILIAR_SECONDS, and nobody was refused with it since.

        Asks nobody, and admits nobody: it tells those who are likely to be let in from strangers, whose look-ups would
        cost the database whatever strangers like.
        """
        return self._familiar.get(_digest(authorization), self._monotonic()) is not None

    async def close(self) -> None:
        """Wait until the last uses that are being noted are."""
        await asyncio.gather(*self._noting)

    async def _admit(self, authorization: str | None) -> Caller:
        if authorization is None:
            raise Unauthenticated(f"this call needs credentials: {_SEND}")
        match = None if len(authorization) > _LONGEST else _BEARER.fullmatch(authorization)
        if match is None:
            raise Unauthenticated(f"the Authorization header is not understood: {_SEND}")
        credential = match["credential"]
        if credential.startswith(PREFIX):
            return await self._admit_key(credential)
        if self._tokens is None:
            raise Unauthenticated("only API keys are accepted here")
        caller = await self._tokens.verify(credential)
        if not await self._clinic_exists(caller.clinic):
            raise Unauthenticated(NO_CLINIC)
        return caller

    async def _admit_key(self, text: str) -> Caller:
        parts = parse_key(text)
        if parts is None:
            raise Unauthenticated(_INVALID_KEY)
        # By hash, so that what is remembered can call nothing.
        remembered_as = sha256(text.encode()).digest()
        # Read before the key is looked up: what a slow look-up saw was so when it began.
        at = self._monotonic()
        stored = self._verified.get(remembered_as, at)
        if stored is not None:
            if not stored.is_valid(self._now()):
                self._tell(stored)
                raise Unauthenticated(_INVALID_KEY)
        else:
            # One look-up for all who show the same text meanwhile: each two seconds a busy key would cost as many.
            looking = self._looking.get(remembered_as, at)
            if looking is None:
                looking = asyncio.create_task(self._look_up(parts, remembered_as, at))
                looking.add_done_callback(partial(self._end_look_up, remembered_as))
                self._looking.put(remembered_as, looking, at)
            # Whoever began it may leave; the others still wait for it.
            stored = await asyncio.shield(looking)
            if stored is None:
                raise Unauthenticated(_INVALID_KEY)
        self._start_noting(stored, at)
        return Caller(stored.clinic, CallerKind.API_KEY, stored.key_id, stored.scopes)

    async def _look_up(self, parts: tuple[str, str, str], remembered_as: bytes, at: float) -> StoredKey | None:
        """What is stored of a key that works, which then is remembered; None for any other."""
        clinic, key_id, secret = parts
        stored = await self._find_key(clinic, key_id)
        genuine = verify(stored or _NOBODY, secret, self._now())
        if stored is None or not genuine or (stored.clinic, stored.key_id) != (clinic, key_id):
            if stored is not None:
                self._tell(stored)
            return None
        self._verified.put(remembered_as, stored, at)
        return stored

    def _end_look_up(self, remembered_as: bytes, looking: asyncio.Task[StoredKey | None]) -> None:
        # A slow one may have a successor by now.
        if self._looking.get(remembered_as, self._monotonic()) is looking:
            self._looking.forget(remembered_as)
        if not looking.cancelled():
            looking.exception()  # is for those who still wait; where nobody does, there is nothing to tell

    def _tell(self, stored: StoredKey) -> None:
        """Say to operators, not to the caller, that a key they know was refused, and why."""
        if stored.revoked_at is not None:
            why = "it was revoked"
        elif not stored.is_valid(self._now()):
            why = "it has expired"
        else:
            why = "the secret is wrong"
        _log.warning("the key %s of %s was refused: %s", stored.key_id, stored.clinic, why)

    def _start_noting(self, stored: StoredKey, at: float) -> None:
        name = (stored.clinic, stored.key_id)
        if self._noted.get(name, at) is None:
            self._noted.put(name, True, at)
            noting = asyncio.create_task(self._note(stored, self._now()))
            # The loop itself holds a task only weakly.
            self._noting.add(noting)
            noting.add_done_callback(self._noting.discard)

    async def _note(self, stored: StoredKey, moment: datetime) -> None:
        try:
            await self._note_use(stored, moment)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller was let in and is being served
            _log.warning("the last use of key %s could not be noted: %s", stored.key_id, type(error).__name__)


def _digest(authorization: str | None) -> bytes:
    """What a header is remembered as: it can call nothing."""
    return sha256((authorization or "").encode()).digest()
