"""The keys that an issuer publishes (JSON Web Key Set, RFC 7517), and which of them can be used for what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

LEAST_RSA_BITS = 2048
"""Shorter RSA keys are not used (RFC 7518, 3.3)."""

_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {
    "secp256r1": frozenset({"ES256"}),
    "secp384r1": frozenset({"ES384"}),
    "secp521r1": frozenset({"ES512"}),
}
_EDWARDS = frozenset({"EdDSA"})

ALGORITHMS = _RSA.union(*_CURVES.values(), _EDWARDS)
"""Every algorithm that a token may be signed with. All are asymmetric: what verifies cannot sign."""

# PyJWT asks for some algorithm of the family to read a key with. Of "oct" it would make a shared secret.
_READ_WITH = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key, its name at the issuer, and the algorithms that fit both its type and what it is published for."""

    key_id: str | None
    algorithms: frozenset[str]
    key: PublicKey


def read_keys(document: Any) -> tuple[PublishedKey, ...]:
    """The keys of a key set that signatures can be checked with; the others are left out, as issuers publish more.

    Left out are: shared secrets, private keys, keys for encryption, RSA keys that are too short, and unknown curves.
    ValueError if the document is no key set.
    """
    match document:
        case {"keys": list(entries)}:
            return tuple(key for entry in entries if (key := _read_key(entry)) is not None)
        case _:
            raise ValueError("not a key set")


def pick_key(keys: Iterable[PublishedKey], key_id: str | None, algorithm: str) -> PublishedKey | None:
    """The one key that a token means, or None if there is none, or more than one and so no telling which."""
    fitting = [key for key in keys if algorithm in key.algorithms and key_id in (None, key.key_id)]
    return fitting[0] if len(fitting) == 1 else None


def _read_key(entry: Any) -> PublishedKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    key_id, operations, algorithm = entry.get("kid"), entry.get("key_ops", ["verify"]), entry.get("alg")
    if not isinstance(key_id, str | None) or not isinstance(operations, list) or "verify" not in operations:
        return None
    family = entry.get("kty")
    if not isinstance(family, str) or family not in _READ_WITH:
        return None
    try:
        key = jwt.PyJWK(entry, _READ_WITH[family]).key
    except (jwt.PyJWTError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    fitting = frozenset(fit for fit in _algorithms_for(key) if algorithm in (None, fit))
    return PublishedKey(key_id, fitting, key) if fitting else None


def _algorithms_for(key: Any) -> frozenset[str]:
    if isinstance(key, RSAPublicKey):
        return _RSA if key.key_size >= LEAST_RSA_BITS else frozenset()
    if isinstance(key, EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, frozenset())
    return _EDWARDS if isinstance(key, Ed25519PublicKey) else frozenset()
