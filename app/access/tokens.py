"""Bearer tokens of people: JSON Web Tokens that an OpenID Connect issuer signed (RFC 7519, 8725, 9068)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from app.access.caller import Caller, CallerKind, is_clinic_id
from app.access.issuer import Issuer
from app.access.published_keys import ALGORITHMS, PublishedKey
from app.access.scopes import Scope
from app.errors import Unauthenticated

LONGEST_TOKEN = 8192
"""Characters of a token, at most."""

LONGEST_SUBJECT = 200
"""Characters of a person's `sub`, at most."""

NO_CLINIC = "the token does not name a clinic of this service"
"""Said of a clinic that is missing, malformed or not here alike, so that nobody learns which clinics there are."""

_INVALID = "the token is not valid"
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# A token that brings its own key proves nothing; `crit` names extensions, and none is understood here.
_REFUSED_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})
# The library checks times by the machine's clock; here they are checked by the clock that is passed in.
_OPTIONS: Options = {
    "require": ["exp", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class TokenVerifier:
    """Checks tokens of one issuer for one audience.

    Args:
        issuer: whose tokens are believed.
        audience: what has to be (among) the token's `aud`: this service's name at the issuer.
        clinic_claim: the claim that holds the clinic's id.
        scope_claim: the claim that holds the scopes, as a list or separated by spaces.
        leeway: how far the issuer's clock and ours may be apart.
        now: the moment, with its time zone.
    """

    def __init__(
        self,
        issuer: Issuer,
        audience: str,
        *,
        clinic_claim: str = "clinic",
        scope_claim: str = "scope",
        leeway: timedelta = timedelta(seconds=30),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clinic_claim, self._scope_claim = clinic_claim, scope_claim
        self._leeway = leeway.total_seconds()
        self._now = now

    async def verify(self, token: str) -> Caller:
        """The person whom the token speaks of. Whether their clinic is one of ours is not known here.

        Raises Unauthenticated, which says of a genuine token what is wrong with it and of any other only that it is not
        valid; IssuerUnavailable if its key cannot be fetched.
        """
        header = _read_header(token)
        key = await self._issuer.find_key(header.get("kid"), header["alg"])
        if key is None:
            raise Unauthenticated(_INVALID)
        claims = self._read_claims(token, key)
        self._check_times(claims)
        subject, clinic = claims["sub"], claims.get(self._clinic_claim)
        if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise Unauthenticated(f"the token's sub is not 1 to {LONGEST_SUBJECT} printable characters")
        if not isinstance(clinic, str) or not is_clinic_id(clinic):
            raise Unauthenticated(NO_CLINIC)
        return Caller(clinic, CallerKind.PERSON, subject, _read_scopes(claims.get(self._scope_claim)))

    def _read_claims(self, token: str, key: PublishedKey) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=sorted(key.algorithms),
                audience=self._audience,
                issuer=self._issuer.url,
                options=_OPTIONS,
            )
        except jwt.MissingRequiredClaimError as error:
            raise Unauthenticated(f"the token has no {error.claim}") from None
        except jwt.InvalidAudienceError:
            raise Unauthenticated("the token is meant for another audience") from None
        except jwt.InvalidIssuerError:
            raise Unauthenticated("the token is another issuer's") from None
        except jwt.PyJWTError:
            raise Unauthenticated(_INVALID) from None

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now().timestamp()
        if now >= _moment(claims, "exp") + self._leeway:
            raise Unauthenticated("the token has expired")
        for claim in ("nbf", "iat"):
            if claim in claims and now < _moment(claims, claim) - self._leeway:
                raise Unauthenticated("the token is not valid yet")


def _read_header(token: str) -> dict[str, Any]:
    """The header, with an `alg` that is allowed. Nothing of it can be believed yet."""
    if len(token) > LONGEST_TOKEN or not _SHAPE.fullmatch(token):
        raise Unauthenticated(_INVALID)
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Unauthenticated(_INVALID) from None
    algorithm, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not _REFUSED_HEADERS.isdisjoint(header):
        raise Unauthenticated(_INVALID)
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthenticated(_INVALID)
    return header


def _moment(claims: Mapping[str, Any], claim: str) -> float:
    """Seconds since 1970 (RFC 7519, NumericDate). JSON knows numbers that are no moment, such as 1e999."""
    value = claims[claim]
    try:
        moment = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        moment = math.nan
    if not math.isfinite(moment):
        raise Unauthenticated(f"the token's {claim} is not a number of seconds")
    return moment


def _read_scopes(claim: Any) -> frozenset[Scope]:
    """The scopes that are ours; an issuer has others too, which say nothing here."""
    words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    return frozenset(scope for scope in Scope if scope in words)
