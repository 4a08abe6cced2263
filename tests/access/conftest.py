from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from app.access import Gatekeeper, Issuer, TokenVerifier
from tests.access.clock import Clock
from tests.access.issuing import LoopbackIssuer, PrivateKey, as_jwk, sign
from tests.access.keeping import Keys, open_gate

AUDIENCE = "spine-triage"

Claims = Callable[..., dict[str, Any]]
Token = Callable[..., str]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys() -> dict[str, PrivateKey]:
    """One private key of each kind, and a second RSA key, by the name they are published under."""
    return {
        "rsa": rsa.generate_private_key(65537, 2048),
        "rsa-next": rsa.generate_private_key(65537, 2048),
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }


@pytest.fixture
def issuing(keys: dict[str, PrivateKey]) -> Iterator[LoopbackIssuer]:
    """An issuer that publishes every key but `rsa-next`."""
    with LoopbackIssuer() as issuer:
        issuer.published = [as_jwk(key, name) for name, key in keys.items() if name != "rsa-next"]
        yield issuer


@pytest.fixture
async def issuer(issuing: LoopbackIssuer, clock: Clock) -> AsyncIterator[Issuer]:
    made = Issuer(issuing.url, monotonic=clock.monotonic)
    yield made
    await made.close()


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> TokenVerifier:
    return TokenVerifier(issuer, AUDIENCE, now=clock.now)


@pytest.fixture
def claims(issuing: LoopbackIssuer, clock: Clock) -> Claims:
    """Claims of a token that is valid for five minutes, with some changed, or left out by None."""

    def make(**changed: Any) -> dict[str, Any]:
        at = clock.moment.timestamp()
        sound = {
            "iss": issuing.url,
            "aud": AUDIENCE,
            "sub": "nurse-7",
            "iat": at,
            "exp": at + 300,
            "clinic": "north",
            "scope": "openid triage consultations:read",
        }
        return {name: value for name, value in {**sound, **changed}.items() if value is not None}

    return make


@pytest.fixture
def token(keys: dict[str, PrivateKey], claims: Claims) -> Token:
    """A token signed with the key `rsa` whose claims are changed as given."""
    return lambda **changed: sign(claims(**changed), keys["rsa"], "RS256", "rsa")


@pytest.fixture
def held() -> Keys:
    return Keys()


@pytest.fixture
def gate(held: Keys, clock: Clock, verifier: TokenVerifier) -> Gatekeeper:
    return open_gate(held, clock, tokens=verifier)
