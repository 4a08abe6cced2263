from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import TokenVerifier
from tests.access.conftest import Claims, Token
from tests.access.issuing import LoopbackIssuer, PrivateKey, as_jwk, refusal, sign

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["RS256", "rsa", "JWT"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


SAME_FIXTURES = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def assemble(header: dict[str, Any], claims: dict[str, Any], signer: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token made by hand, as a forger would."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(signer(signed.encode()))}"


async def test_a_token_without_a_signature_is_refused_and_nobody_is_asked_for_its_key(
    verifier: TokenVerifier, claims: Claims, issuing: LoopbackIssuer
) -> None:
    for algorithm in ("none", "None", "NONE", "", "nOnE"):
        unsigned = assemble({"alg": algorithm, "kid": "rsa"}, claims())
        assert await refusal(verifier, unsigned) == "the token is not valid"
        assert await refusal(verifier, unsigned + "AA") == "the token is not valid"
    assert issuing.asked == []


async def test_a_published_key_is_never_taken_for_a_shared_secret(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims
) -> None:
    public = keys["rsa"].public_key()
    spellings = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(as_jwk(keys["rsa"], "rsa")).encode(),
        b"",
    ]
    for secret in spellings:
        for algorithm in ("HS256", "hs256"):
            forged = assemble(
                {"alg": algorithm, "typ": "JWT", "kid": "rsa"},
                claims(),
                lambda signed, secret=secret: hmac.digest(secret, signed, hashlib.sha256),  # type: ignore[misc]  # bound now
            )
            assert await refusal(verifier, forged) == "the token is not valid"


@pytest.mark.parametrize("kid", ["rsa", "p256", "ed25519", "rsa-next", "../../keys", "' OR 1=1 --", "", None])
async def test_a_token_signed_with_somebody_elses_key_is_refused(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims, kid: str | None
) -> None:
    assert await refusal(verifier, sign(claims(), keys["rsa-next"], "RS256", kid)) == "the token is not valid"


async def test_a_token_that_names_another_published_key_than_its_own_is_refused(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims
) -> None:
    for kid in ("p256", "p384", "ed25519"):
        assert await refusal(verifier, sign(claims(), keys["rsa"], "RS256", kid)) == "the token is not valid"
    assert await refusal(verifier, sign(claims(), keys["p256"], "ES256", "rsa")) == "the token is not valid"


async def test_a_signature_counts_only_under_the_algorithm_that_the_token_names(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims
) -> None:
    _, body, signature = sign(claims(), keys["rsa"], "RS256", "rsa").split(".")
    for algorithm in ("RS384", "PS256", "ES256", "EdDSA"):
        header = b64(json.dumps({"alg": algorithm, "kid": "rsa"}).encode())
        assert await refusal(verifier, f"{header}.{body}.{signature}") == "the token is not valid"


async def test_a_token_that_brings_its_own_key_is_refused(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims, issuing: LoopbackIssuer
) -> None:
    own = as_jwk(keys["rsa-next"], "rsa-next")
    for header in ({"jwk": own}, {"jku": f"{issuing.url}/own"}, {"x5u": f"{issuing.url}/own"}, {"x5c": ["MII="]}):
        for kid in ("rsa-next", "rsa"):
            forged = sign(claims(), keys["rsa-next"], "RS256", kid, **header)
            assert await refusal(verifier, forged) == "the token is not valid"
        genuine = sign(claims(), keys["rsa"], "RS256", "rsa", **header)
        assert await refusal(verifier, genuine) == "the token is not valid"
    assert "/own" not in issuing.asked


@pytest.mark.parametrize(
    "header",
    [{"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": True}, {"typ": "logout+jwt"}, {"typ": 7}],
    ids=repr,
)
async def test_a_token_of_another_kind_is_refused(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims, header: dict[str, Any]
) -> None:
    assert await refusal(verifier, sign(claims(), keys["rsa"], "RS256", "rsa", **header)) == "the token is not valid"


async def test_no_letter_of_a_token_can_be_changed(verifier: TokenVerifier, token: Token) -> None:
    shown = token()
    for place in [*range(0, len(shown), 7), shown.index("."), shown.rindex(".")]:
        changed = shown[:place] + ("A" if shown[place] != "A" else "B") + shown[place + 1 :]
        assert await refusal(verifier, changed) == "the token is not valid"
    for changed in (shown + "=", shown + "A", shown + ".", shown[:-1], shown.rpartition(".")[0] + ".", shown + "\n"):
        assert await refusal(verifier, changed) == "the token is not valid"


async def test_a_token_longer_than_any_real_one_is_refused_unread(verifier: TokenVerifier, token: Token) -> None:
    assert (await verifier.verify(token(pad="x" * 4000))).subject == "nurse-7"
    assert await refusal(verifier, token(pad="x" * 8000)) == "the token is not valid"


@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), JSON))
@SAME_FIXTURES
async def test_any_header_is_refused_and_nothing_else_happens(
    verifier: TokenVerifier, claims: Claims, header: dict[str, Any]
) -> None:
    for forged in (assemble(header, claims(), lambda _: b"x" * 256), assemble({"alg": "RS256", "kid": "rsa"}, header)):
        assert await refusal(verifier, forged) == "the token is not valid"


@given(text=st.one_of(st.text(), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
@SAME_FIXTURES
async def test_any_text_is_refused_and_nothing_else_happens(verifier: TokenVerifier, text: str) -> None:
    assert await refusal(verifier, text) == "the token is not valid"
