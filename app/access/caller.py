"""Who is calling, for which clinic, and what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.access.actions import NEEDS, Action
from app.access.scopes import Scope
from app.errors import Forbidden

CLINIC_ID = r"[a-z0-9][a-z0-9-]{0,62}"
"""The shape of a clinic's id, as a regular expression: a DNS label, so that it can stand in keys, claims and names."""

_CLINIC = re.compile(CLINIC_ID)


class CallerKind(StrEnum):
    """How a caller proved who it is."""

    API_KEY = "api_key"
    PERSON = "person"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in.

    `subject` is a key's id, a person's `sub` at their issuer, or the name of an operator: never more than 200
    printable characters, and safe to log.
    """

    clinic: str
    kind: CallerKind
    subject: str
    scopes: frozenset[Scope]

    def require(self, action: Action) -> None:
        """Raise Forbidden, naming the scope that is missing, unless this caller may do `action`."""
        needed = NEEDS.get(action)
        if needed is None:
            if self.kind is not CallerKind.OPERATOR:
                raise Forbidden(f"{action} is for operators, on the command line")
        elif needed not in self.scopes:
            raise Forbidden(f"{action} needs the scope {needed}, which these credentials do not have")


COMMAND_LINE = "command-line"
"""An operator of whom nothing more is known."""


def operator(clinic: str, subject: str = COMMAND_LINE) -> Caller:
    """Whoever runs the service on its own machine; for them there is nothing to prove and nothing is closed."""
    return Caller(clinic, CallerKind.OPERATOR, subject, frozenset(Scope))


def is_clinic_id(text: str) -> bool:
    """Whether `text` has the shape of a clinic's id: lower-case letters, digits and hyphens, at most 63."""
    return _CLINIC.fullmatch(text) is not None
