"""API keys: what software shows at the door, and the little of it that is kept.

The text is `st_<clinic>.<key id>.<secret>`. By the prefix, scanners for leaked secrets find it. The clinic stands in it
because a key has to be found among its clinic's rows, before anybody knows whose it is.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from app.access.caller import CLINIC_ID, is_clinic_id
from app.access.scopes import Scope
from app.errors import InputError

PREFIX = "st_"
"""What every key begins with."""

NAME_LENGTH = 100
"""Characters of a key's name, at most."""

_KEY_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_KEY_ID_LENGTH = 12
_SECRET_BYTES = 32
_TEXT = re.compile(
    rf"{PREFIX}(?P<clinic>{CLINIC_ID})\.(?P<key_id>[a-z2-7]{{{_KEY_ID_LENGTH}}})\.(?P<secret>[A-Za-z0-9_-]{{43}})"
)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is kept of a key. All moments have a time zone.

    `secret_hash` is the SHA-256 of the secret's text. A slow hash protects passwords, which people choose and others
    guess; this secret is 256 random bits, which nobody guesses at any speed, and callers show it with every request.
    """

    clinic: str
    key_id: str
    name: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    replaced_by: str | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the key works at `now`. One that was revoked never does again, even if the clock is set back."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def make_key(
    clinic: str, name: str, scopes: frozenset[Scope], now: datetime, expires_at: datetime | None = None
) -> tuple[str, StoredKey]:
    """A new key: the text to show once, and what to store.

    InputError if the clinic or the name cannot be one, no scope is given, or it would have expired already.
    """
    if not is_clinic_id(clinic):
        raise InputError("a clinic's id is made of lower-case letters, digits and hyphens, at most 63")
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable() or name.isspace():
        raise InputError(f"a key's name has 1 to {NAME_LENGTH} printable characters")
    if not scopes:
        raise InputError(f"a key needs at least one scope; the scopes are {', '.join(Scope)}")
    if expires_at is not None and expires_at <= now:
        raise InputError("a key cannot expire before it is made")
    key_id = "".join(secrets.choice(_KEY_ID_ALPHABET) for _ in range(_KEY_ID_LENGTH))
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    stored = StoredKey(clinic, key_id, name, _hash(secret), scopes, created_at=now, expires_at=expires_at)
    return f"{PREFIX}{clinic}.{key_id}.{secret}", stored


def parse_key(text: str) -> tuple[str, str, str] | None:
    """Clinic, key id and secret of a key's text, or None if it does not have the shape of one."""
    match = _TEXT.fullmatch(text)
    return None if match is None else (match["clinic"], match["key_id"], match["secret"])


def verify(stored: StoredKey, secret: str, now: datetime) -> bool:
    """Whether `secret` is the key's, and the key works at `now`. Takes as long whatever part of it is wrong."""
    genuine = hmac.compare_digest(_hash(secret), stored.secret_hash)
    return genuine & stored.is_valid(now)


def rotate(stored: StoredKey, now: datetime, overlap: timedelta) -> tuple[str, StoredKey, StoredKey]:
    """A successor with the same name, scopes and length of life: its text to show once, it, and the old key changed.

    The old key works for `overlap` longer, or until it would have expired anyway. InputError if it does not work any
    more, already has a successor, or `overlap` is negative.
    """
    if not stored.is_valid(now):
        raise InputError(f"key {stored.key_id} has expired or was revoked; make a new one instead")
    if stored.replaced_by is not None:
        raise InputError(f"key {stored.key_id} was already replaced by {stored.replaced_by}; rotate that one")
    if overlap < timedelta():
        raise InputError("the overlap cannot be negative")
    lifetime = None if stored.expires_at is None else stored.expires_at - stored.created_at
    shown, new = make_key(stored.clinic, stored.name, stored.scopes, now, None if lifetime is None else now + lifetime)
    ends = now + overlap if stored.expires_at is None else min(now + overlap, stored.expires_at)
    return shown, new, replace(stored, expires_at=ends, replaced_by=new.key_id)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
