"""Sealing bytes: compressed, then AES-256-GCM with what they belong to as associated data.

A sealed value is a version byte, a random nonce of 96 bits, and the ciphertext with its tag. Compression comes first,
because ciphertext cannot be compressed: a note of 70,000 bytes takes 17,000.
"""

from __future__ import annotations

import secrets
import sys
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Damaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KEY_BYTES: Final = 32

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_LEVEL: Final = 1
"""The fastest of zstd's ordinary levels; the next ones take longer and save little."""

# Its tables are made once. Any thread may use it: each call is a frame of its own, and calls take turns.
_COMPRESSOR: Final = zstd.ZstdCompressor(_LEVEL)


def seal(key: bytes, plain: bytes, belongs_to: str) -> bytes:
    """`plain` unreadable without `key` (32 bytes), and unusable anywhere but where it `belongs_to`."""
    nonce, packed = secrets.token_bytes(_NONCE_BYTES), _COMPRESSOR.compress(plain, _COMPRESSOR.FLUSH_FRAME)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, packed, belongs_to.encode())


def unseal(key: bytes, sealed: bytes, belongs_to: str) -> bytes:
    """What `seal` was given. Damaged for anything that is not exactly that."""
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION:
        raise Damaged("this is not sealed in a way that is known here")
    try:
        return zstd.decompress(AESGCM(key).decrypt(nonce, rest, belongs_to.encode()))
    except (InvalidTag, ValueError, zstd.ZstdError) as error:
        raise Damaged("what is stored cannot be opened with its key") from error
