"""The page that says which call needs which scope: docs/access.md, which a test holds current."""

from __future__ import annotations

from collections.abc import Iterable

from app.access.actions import NEEDS, Action
from app.access.api_keys import PREFIX
from app.access.gatekeeper import REMEMBERED_SECONDS
from app.access.published_keys import ALGORITHMS, LEAST_RSA_BITS
from app.access.scopes import Scope

CALLS: tuple[tuple[str, Action], ...] = (
    ("POST /v1/triage", Action.NOTE_MADE),
    ("GET /v1/vocabulary", Action.KNOWLEDGE_READ),
    ("GET /v1/rulebook", Action.KNOWLEDGE_READ),
    ("GET /v1/rulebook/{kind}", Action.KNOWLEDGE_READ),
    ("GET /v1/rulebook/{kind}/{id}", Action.KNOWLEDGE_READ),
    ("POST /v1/consultations", Action.CONSULTATION_RECORDED),
    ("POST /v1/consultations:batch", Action.CONSULTATION_RECORDED),
    ("GET /v1/consultations", Action.CONSULTATIONS_LISTED),
    ("GET /v1/consultations/{id}", Action.CONSULTATION_READ),
    ("PATCH /v1/consultations/{id}", Action.CONSULTATION_REVISED),
    ("GET /v1/consultations/{id}/notes", Action.NOTES_LISTED),
    ("GET /v1/consultations/{id}/notes/{revision}", Action.NOTE_READ),
    ("POST /v1/consultations/{id}/reviews", Action.REVIEW_RECORDED),
    ("GET /v1/consultations/{id}/reviews", Action.REVIEWS_LISTED),
    ("GET /v1/consultations/{id}/reviews/{review_id}", Action.REVIEW_READ),
    ("GET /v1/patients/{reference}/export", Action.PATIENT_EXPORTED),
    ("DELETE /v1/patients/{reference}", Action.PATIENT_ERASED),
    ("GET /v1/audit", Action.AUDIT_READ),
    ("GET /metrics", Action.METRICS_READ),
)
"""Every call that needs a caller, and what it does in the words of the audit trail."""

OPEN = ("/healthz", "/readyz", "/docs", "/openapi.json")
"""Addresses that are open to anybody. They say nothing of a clinic."""


def write_page() -> str:
    """docs/access.md as Markdown."""
    operators = ", ".join(f"`{action}`" for action in Action if action not in NEEDS)
    return f"""\
# Who may call what

_Written by `app.access.write_page`; a test holds it current._

Every call needs credentials, sent as `Authorization: Bearer …`, except
{_listed(OPEN)}.
A call without valid ones is answered `401` (`unauthenticated`), one that lacks the scope `403` (`forbidden`), which
names it. The clinic is the credentials' own: nothing in an address, a query or a body can choose another.

## Calls

{_table(("call", "action", "needs the scope"), ((c, a, NEEDS[a]) for c, a in CALLS))}

`GET /metrics` counts all clinics together, so it is answered to credentials of the clinic `local` alone, the operator's
own; others get `403`, whatever their scopes.

`HEAD` needs what `GET` needs. Actions are the words of the audit trail. Only an operator does these, on the command
line:
{operators}.

## Scopes

{_table(("scope", "allows to"), ((scope, scope.says) for scope in Scope), code=1)}

No scope includes another: software that records consultations and reads them back has both.

## API keys, for software

`{PREFIX}<clinic>.<key id>.<secret>`, shown once, when the key is made; only a hash of the secret is kept. A key has a
name, scopes and perhaps an expiry. Rotating makes a successor with the same name and scopes, and both work for the
overlap. A revoked key is refused within {REMEMBERED_SECONDS:g} seconds by every process. Keys that are unknown, expired
or revoked, and clinics that are not there, are refused in the same words.

## Tokens, for people

JSON Web Tokens of the OpenID Connect issuer that the operator configures; without one, no token is accepted.

* Signed with one of {", ".join(sorted(ALGORITHMS))}, by a key
  that the issuer publishes and whose type fits the algorithm (RSA from {LEAST_RSA_BITS} bits). A
  token that brings its own key, or names critical extensions, is refused.
* `iss` is the issuer, `aud` holds this service's audience, `exp`, `nbf` and `iat` fit the time give or take half a
  minute, and `sub` says who it is. The claims that hold the clinic and the scopes are `clinic` and `scope` unless
  configured otherwise; scopes of other services are ignored.
* The issuer's keys are kept for an hour; one that is not known is asked for at once, at most every ten seconds. While
  the issuer does not answer, known keys are good for a day, and a token with an unknown one is answered `503`.
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], code: int = 3) -> str:
    """A Markdown table whose first `code` columns are code."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        cells = [f"`{cell}`" if place < code else cell for place, cell in enumerate(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(f'`{word}`' for word in words[:-1])} and `{words[-1]}`"
