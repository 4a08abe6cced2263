from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.access import Issuer
from tests.access.clock import Clock
from tests.access.issuing import DISCOVERY, KEYS, LoopbackIssuer, PrivateKey, as_jwk

ONCE = [DISCOVERY, KEYS]


async def test_a_key_fits_only_the_algorithms_of_its_type(issuer: Issuer, issuing: LoopbackIssuer) -> None:
    fitting = {
        "rsa": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
        "p256": {"ES256"},
        "p384": {"ES384"},
        "p521": {"ES512"},
        "ed25519": {"EdDSA"},
    }
    every = set().union(*fitting.values())
    for kid, algorithms in fitting.items():
        assert {name for name in every if await issuer.find_key(kid, name) is not None} == algorithms
    for name in ("HS256", "none", "ES256K"):
        assert await issuer.find_key("rsa", name) is None
    assert issuing.asked == ONCE


async def test_a_token_that_names_no_key_is_checked_with_the_only_one_that_fits(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey], clock: Clock
) -> None:
    found = await issuer.find_key(None, "ES256")
    assert found is not None
    assert found.key_id == "p256"
    issuing.published += [as_jwk(keys["rsa-next"], "rsa-next")]
    clock.go_on(3600)
    assert await issuer.find_key(None, "RS256") is None  # two would fit


@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "RSA-OAEP"},
        {"alg": "ES256"},
        {"alg": ["RS256"]},
        {"kid": 7},
    ],
    ids=repr,
)
async def test_a_key_that_is_published_for_something_else_is_not_used(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey], members: dict[str, Any]
) -> None:
    issuing.published = [{**as_jwk(keys["rsa"], "rsa"), **members}]
    assert await issuer.find_key("rsa", "RS256") is None
    assert await issuer.find_key(None, "RS256") is None


async def test_a_key_that_is_published_for_one_algorithm_is_used_for_no_other(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey]
) -> None:
    issuing.published = [as_jwk(keys["rsa"], "rsa", alg="PS256", use="sig", key_ops=["verify"])]
    assert await issuer.find_key("rsa", "RS256") is None
    assert await issuer.find_key("rsa", "PS256") is not None


SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that it is short is why it is refused


UNUSABLE: dict[str, Any] = {
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
    "a shared secret that claims RS256": {"kty": "oct", "k": "c2VjcmV0", "alg": "RS256"},
    "a short RSA key": RSAAlgorithm.to_jwk(SHORT.public_key(), as_dict=True),
    "a private key": ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True),
    "a curve of coins": ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256K1()).public_key(), as_dict=True),
    "Ed448": OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True),
    "a point off the curve": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    "RSA without a modulus": {"kty": "RSA", "e": "AQAB"},
    "RSA with an even exponent": {"kty": "RSA", "e": "Ag", "n": "_" * 342},
    "a modulus that is a number": {"kty": "RSA", "e": "AQAB", "n": 7},
    "an unknown family": {"kty": "AKP"},
    "a family that is a list": {"kty": ["RSA"]},
    "no family": {},
    "not an object": "rsa",
    "nothing": None,
}


@pytest.mark.parametrize("entry", UNUSABLE.values(), ids=UNUSABLE)
async def test_what_signatures_cannot_be_checked_with_is_passed_over(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey], entry: Any
) -> None:
    odd = {**entry, "kid": "odd"} if isinstance(entry, dict) else entry
    issuing.published = [odd, as_jwk(keys["p384"], "p384")]
    for algorithm in ("RS256", "ES256", "EdDSA", "HS256", "ES256K"):
        assert await issuer.find_key("odd", algorithm) is None
    assert await issuer.find_key("p384", "ES384") is not None
