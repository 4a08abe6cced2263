"""Master keys: the current one, and older ones that still open what they sealed.

A master key is never used itself. Keys for one purpose each are derived from it (HKDF, RFC 5869), so that what one of
them reveals says nothing of another.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Damaged, KeysMissing
from app.store.protection.patient_key import PatientKey
from app.store.protection.sealing import KEY_BYTES, seal, unseal

_ALLOWED: Final = "lines of id:key, the current one first; ids of a-z, 0-9 and -, keys of 32 bytes in base64"
_LINE: Final = re.compile(r"(?P<id>[a-z0-9][a-z0-9-]{0,31}):(?P<key>[A-Za-z0-9+/]{43}=)")


@dataclass(frozen=True)
class MasterKey:
    """One master key, with an id that what it sealed is marked with."""

    key_id: str
    secret: bytes = field(repr=False)

    @cached_property
    def wrapping(self) -> bytes:
        """Wraps patients' keys."""
        return self._derive("patient keys")

    @cached_property
    def indexing(self) -> bytes:
        """Makes the blind index by which a patient's reference is found again."""
        return self._derive("blind index")

    @cached_property
    def auditing(self) -> bytes:
        """Authenticates audit events and seals."""
        return self._derive("audit")

    @cached_property
    def answering(self) -> bytes:
        """Seals answers that are kept for retries."""
        return self._derive("answers")

    @cached_property
    def recognising(self) -> bytes:
        """Tells whether an Idempotency-Key and a request were there before."""
        return self._derive("receipts")

    @cached_property
    def keeping(self) -> bytes:
        """Seals notes that stay without identity, which no patient's key can open any more."""
        return self._derive("kept notes")

    def blind_index(self, clinic: str, reference: str) -> bytes:
        """32 bytes by which a reference is found, and from which without this key it cannot be guessed."""
        return hmac.digest(self.indexing, f"{clinic}\x00{reference}".encode(), "sha256")

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, None, f"spine-triage {purpose}".encode()).derive(self.secret)


class Keyring:
    """Some master keys, the current one first. It seals with the current one and opens with any."""

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        """Take at least one key. KeysMissing for none, or for two of one id."""
        self._by_id = {key.key_id: key for key in keys}
        if not keys or len(self._by_id) != len(keys):
            raise KeysMissing("no master key, or two with the same id; there should be " + _ALLOWED)
        self.current = keys[0]

    @property
    def keys(self) -> tuple[MasterKey, ...]:
        """All keys, the current one first."""
        return tuple(self._by_id.values())

    def key(self, key_id: str) -> MasterKey:
        """The key of an id. KeysMissing when it is not on this ring."""
        found = self._by_id.get(key_id)
        if found is None:
            raise KeysMissing(
                f"something stored was sealed under the master key {key_id}, which is not among those given"
            )
        return found

    def blind_indices(self, clinic: str, reference: str) -> list[bytes]:
        """Every index that a reference may stand under: the current one first, then those not rotated yet."""
        return [key.blind_index(clinic, reference) for key in self._by_id.values()]

    def wrap(self, patient: PatientKey) -> bytes:
        """A patient's key, sealed under the current master key."""
        return seal(self.current.wrapping, patient.secret, _owner(patient.clinic, patient.patient_id))

    def unwrap(self, clinic: str, patient_id: str, key_id: str, wrapped: bytes) -> PatientKey:
        """The patient's key. KeysMissing without its master key, or with another one of the same id."""
        try:
            secret = unseal(self.key(key_id).wrapping, wrapped, _owner(clinic, patient_id))
        except Damaged as error:
            raise KeysMissing(
                f"a patient's key does not open with the master key {key_id}: another key had that id, or the row was"
                " changed"
            ) from error
        if len(secret) != KEY_BYTES:
            raise Damaged("a patient's key has another length than keys have")
        return PatientKey(clinic, patient_id, secret)


def make_patient_key(clinic: str, patient_id: str) -> PatientKey:
    """A new key for a new patient."""
    return PatientKey(clinic, patient_id, secrets.token_bytes(KEY_BYTES))


def make_master_key(key_id: str) -> str:
    """A new master key as `read_keyring` reads it."""
    return f"{key_id}:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def read_keyring(text: str) -> Keyring:
    """The ring of `id:key`, one a line or separated by commas, the current one first; # begins a remark.

    KeysMissing when it cannot be read; the message never repeats any of it.
    """
    lines = [line.partition("#")[0].strip() for line in text.replace(",", "\n").splitlines()]
    keys: list[MasterKey] = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise KeysMissing(f"line {number} of the master keys cannot be read; there should be {_ALLOWED}")
        keys.append(MasterKey(match["id"], b64decode(match["key"])))
    return Keyring(keys)


def _owner(clinic: str, patient_id: str) -> str:
    return f"{clinic}/{patient_id}/key"
