"""Every error this service raises on purpose, in one tree, each with a stable code.

    SpineTriageError
    ├── InputError                  the caller sent something that cannot be used
    │   ├── MalformedBody           not readable as one JSON document
    │   ├── InvalidInput            readable, but some values are not allowed; one Fault each
    │   ├── BodyTooLarge
    │   ├── UnsupportedMediaType
    │   ├── InvalidCursor
    │   └── IdempotencyKeyReused    the same key with another request
    ├── Unauthenticated             no credentials, or none that are valid
    ├── Forbidden                   valid credentials that do not reach so far
    ├── NotFound
    ├── PreconditionRequired        a change without saying which revision it changes
    ├── StaleRevision               a change to a revision that is no longer the newest
    ├── RequestRunning              the same key, while its first request is still at work
    ├── RequestTimeout              the request did not arrive in time
    ├── TooManyRequests             more than this caller may send; with the seconds to wait
    ├── RulebookRefused             knowledge files that do not make a rulebook; one line each
    ├── KeysMissing                 master keys that are not there or cannot be read, or one of them that is gone
    ├── Damaged                     what is stored does not open with its key: it was changed, or put somewhere else
    ├── IssuerUnavailable           the issuer of people's tokens did not answer, so that nobody can tell a genuine one
    └── StoreUnavailable            the database did not answer, or its schema is not the expected one

Doors (HTTP, command line) translate these into their own dialect; there is no HTTP in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (JSON pointer, RFC 6901), what, and what is allowed."""

    pointer: str
    problem: str
    allowed: str


class SpineTriageError(Exception):
    """Base of all intended errors. `code` is stable and safe to program against."""

    code: ClassVar[str] = "error"


class InputError(SpineTriageError):
    code = "input"


class MalformedBody(InputError):
    code = "malformed-body"


class InvalidInput(InputError):
    """A readable document with values that are not allowed; all faults at once."""

    code = "invalid-input"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.pointer or '/'}: {f.problem}" for f in self.faults))


class BodyTooLarge(InputError):
    code = "body-too-large"


class UnsupportedMediaType(InputError):
    code = "unsupported-media-type"


class InvalidCursor(InputError):
    code = "invalid-cursor"


class IdempotencyKeyReused(InputError):
    code = "idempotency-key-reused"


class Unauthenticated(SpineTriageError):
    code = "unauthenticated"


class Forbidden(SpineTriageError):
    code = "forbidden"


class NotFound(SpineTriageError):
    code = "not-found"


class PreconditionRequired(SpineTriageError):
    code = "precondition-required"


class StaleRevision(SpineTriageError):
    """The caller changed an older revision. `current` is the newest revision's number."""

    code = "stale-revision"

    def __init__(self, message: str, current: int) -> None:
        self.current = current
        super().__init__(message)


class RequestRunning(SpineTriageError):
    code = "request-running"


class RequestTimeout(SpineTriageError):
    code = "request-timeout"


class TooManyRequests(SpineTriageError):
    """The caller sent more than it may. `retry_after` is how many whole seconds it should wait."""

    code = "too-many-requests"

    def __init__(self, message: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(message)


@dataclass(frozen=True, slots=True, order=True)
class RulebookFault:
    """One thing wrong with a knowledge file. `line` counts from 1."""

    file: str
    line: int
    code: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem} ({self.remedy}) [{self.code}]"


class RulebookRefused(SpineTriageError):
    """The knowledge files do not make a rulebook. `faults` lists every reason, in file order."""

    code = "rulebook-refused"

    def __init__(self, faults: Sequence[RulebookFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(f) for f in self.faults))


class KeysMissing(SpineTriageError):
    code = "keys-missing"


class Damaged(SpineTriageError):
    code = "damaged"


class IssuerUnavailable(SpineTriageError):
    code = "issuer-unavailable"


class StoreUnavailable(SpineTriageError):
    code = "store-unavailable"
