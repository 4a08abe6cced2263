from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.access import Caller, CallerKind, Issuer, Scope, TokenVerifier
from app.errors import IssuerUnavailable
from tests.access.clock import Clock
from tests.access.conftest import AUDIENCE, Claims, Token
from tests.access.issuing import LoopbackIssuer, PrivateKey, refusal, sign


async def test_a_sound_token_tells_who_is_calling(verifier: TokenVerifier, token: Token) -> None:
    assert await verifier.verify(token()) == Caller(
        "north", CallerKind.PERSON, "nurse-7", frozenset({Scope.TRIAGE, Scope.CONSULTATIONS_READ})
    )


@pytest.mark.parametrize(
    ("kid", "algorithm"),
    [
        *(("rsa", name) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        *(("p256", "ES256"), ("p384", "ES384"), ("p521", "ES512"), ("ed25519", "EdDSA")),
    ],
)
async def test_every_allowed_algorithm_is_understood(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims, kid: str, algorithm: str
) -> None:
    assert (await verifier.verify(sign(claims(), keys[kid], algorithm, kid))).subject == "nurse-7"


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_access_tokens_may_say_so(
    verifier: TokenVerifier, keys: dict[str, PrivateKey], claims: Claims, kind: str
) -> None:
    assert (await verifier.verify(sign(claims(), keys["rsa"], "RS256", "rsa", typ=kind))).clinic == "north"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"aud": "billing"}, "the token is meant for another audience"),
        ({"aud": ["billing", "x"]}, "the token is meant for another audience"),
        ({"aud": 7}, "the token is meant for another audience"),
        ({"aud": [AUDIENCE, 7]}, "the token is meant for another audience"),
        ({"aud": None}, "the token has no aud"),
        ({"iss": "https://login.example"}, "the token is another issuer's"),
        ({"iss": None}, "the token has no iss"),
        ({"exp": None}, "the token has no exp"),
        ({"exp": "tomorrow"}, "the token's exp is not a number of seconds"),
        ({"exp": True}, "the token's exp is not a number of seconds"),
        ({"exp": float("inf")}, "the token's exp is not a number of seconds"),
        ({"exp": 10**400}, "the token's exp is not a number of seconds"),
        ({"exp": [1]}, "the token's exp is not a number of seconds"),
        ({"nbf": "now"}, "the token's nbf is not a number of seconds"),
        ({"iat": float("nan")}, "the token's iat is not a number of seconds"),
        ({"sub": None}, "the token has no sub"),
        ({"sub": ""}, "the token's sub is not 1 to 200 printable characters"),
        ({"sub": "x" * 201}, "the token's sub is not 1 to 200 printable characters"),
        ({"sub": "a\nb"}, "the token's sub is not 1 to 200 printable characters"),
        ({"sub": "\ud800"}, "the token's sub is not 1 to 200 printable characters"),
        ({"sub": 7}, "the token is not valid"),
        ({"clinic": None}, "the token does not name a clinic of this service"),
        ({"clinic": "North"}, "the token does not name a clinic of this service"),
        ({"clinic": "north\n"}, "the token does not name a clinic of this service"),
        ({"clinic": ["north"]}, "the token does not name a clinic of this service"),
    ],
    ids=repr,
)
async def test_a_genuine_token_that_does_not_fit_is_told_why(
    verifier: TokenVerifier, token: Token, changed: dict[str, Any], says: str
) -> None:
    assert await refusal(verifier, token(**changed)) == says


async def test_a_token_for_several_audiences_is_good_for_ours(verifier: TokenVerifier, token: Token) -> None:
    assert (await verifier.verify(token(aud=["billing", AUDIENCE]))).subject == "nurse-7"


async def test_a_token_works_until_it_expires_give_or_take_half_a_minute(
    verifier: TokenVerifier, token: Token, clock: Clock
) -> None:
    shown = token()
    clock.go_on(329)
    assert (await verifier.verify(shown)).subject == "nurse-7"
    clock.go_on(1)
    assert await refusal(verifier, shown) == "the token has expired"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_does_not_work_before_its_time(
    verifier: TokenVerifier, token: Token, clock: Clock, claim: str
) -> None:
    shown = token(**{claim: (clock.moment + timedelta(seconds=60)).timestamp()})
    assert await refusal(verifier, shown) == "the token is not valid yet"
    clock.go_on(30)
    assert (await verifier.verify(shown)).subject == "nurse-7"


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("triage audit:read email", {Scope.TRIAGE, Scope.AUDIT_READ}),
        (["triage", 7, None, ["audit:read"]], {Scope.TRIAGE}),
        ("TRIAGE triage:read", set()),
        ({"triage": True}, set()),
        (None, set()),
    ],
    ids=["two_of_ours", "a_list", "other_words", "an_object", "none"],  # a set is written in another order each time
)
async def test_scopes_of_other_services_say_nothing_here(
    verifier: TokenVerifier, token: Token, scope: Any, scopes: set[Scope]
) -> None:
    assert (await verifier.verify(token(scope=scope))).scopes == scopes


async def test_claims_may_have_other_names(issuer: Issuer, token: Token, clock: Clock) -> None:
    verifier = TokenVerifier(
        issuer, AUDIENCE, clinic_claim="https://spine.example/clinic", scope_claim="scp", now=clock.now
    )
    shown = token(**{"https://spine.example/clinic": "south", "scp": ["triage"]})
    caller = await verifier.verify(shown)
    assert (caller.clinic, caller.scopes) == ("south", frozenset({Scope.TRIAGE}))


async def test_a_token_that_cannot_be_checked_is_not_called_invalid(
    verifier: TokenVerifier, token: Token, issuing: LoopbackIssuer
) -> None:
    issuing.stop()
    with pytest.raises(IssuerUnavailable, match="cannot be checked now"):
        await verifier.verify(token())
