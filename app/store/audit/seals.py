"""Seals: each covers some events by the root of their tree, and the seal before it by its digest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self

import orjson
from sqlalchemy import bindparam, select

from app.errors import InputError
from app.models import audit_seals
from app.store.audit.stored import Unreadable, binary, check_code, moment, number, stored_columns, stored_rows, word
from app.store.protection import Keyring
from app.store.unit import Unit

NOTHING_BEFORE: Final = bytes(32)
"""What the first seal has in the place of its predecessor's digest, and so has one that vouches for none before it."""

_SEALS = (
    select(*stored_columns(audit_seals))
    .where(audit_seals.c.clinic_id == bindparam("clinic"))
    .order_by(audit_seals.c.number)
)
_ANCHOR = re.compile(r"(?P<clinic>[^:\s]+):(?P<number>[1-9][0-9]{0,9}):(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One seal, to be kept outside the database: whatever is cut off or made anew up to it is noticed then.

    As text `clinic:number:digest`, the digest as 64 hexadecimal digits.
    """

    clinic: str
    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.clinic}:{self.number}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The anchor that was written as this. InputError for any other text."""
        match = _ANCHOR.fullmatch(text.strip())
        if match is None:
            raise InputError("an anchor looks like local:12:<64 hexadecimal digits>, as `audit seal` prints it")
        return cls(match["clinic"], int(match["number"]), bytes.fromhex(match["digest"]))


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it is stored."""

    clinic: str
    number: int
    """Counted from 1."""
    sealed_at: datetime
    previous: bytes
    """The digest of the seal before, or NOTHING_BEFORE."""
    root: bytes
    events: int
    master_key: str
    mac: bytes = b""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """The seal in a row as `stored_columns` gives it. Unreadable."""
        return cls(
            clinic=word(stored["clinic_id"]),
            number=number(stored["number"]),
            sealed_at=moment(stored["sealed_at"]),
            previous=binary(stored["previous"]),
            root=binary(stored["root"]),
            events=number(stored["events"]),
            master_key=word(stored["master_key"]),
            mac=binary(stored["mac"]),
        )

    @property
    def told(self) -> bytes:
        """What is authenticated. The word in front keeps it from ever passing for an event."""
        parts = [self.number, self.previous.hex(), self.root.hex(), self.events, self.sealed_at]
        return b"seal" + orjson.dumps([self.clinic, *parts, self.master_key], option=orjson.OPT_UTC_Z)

    @property
    def anchor(self) -> Anchor:
        """What the next seal knows it by."""
        return Anchor(self.clinic, self.number, sha256(self.told + self.mac).digest())

    def is_genuine(self, keyring: Keyring) -> bool | None:
        """Whether it is as it was made; None when its master key is not on the ring."""
        return check_code(keyring, self.master_key, self.told, self.mac)


def every_seal(unit: Unit) -> Iterator[Seal | None]:
    """The clinic's seals by number, a few held at a time; None for one that holds what no seal was ever made of."""
    for row in stored_rows(unit, _SEALS):
        try:
            yield Seal.read(row)
        except Unreadable:
            yield None
