"""Who asks for what: what every use case on a clinic's rows is given beside the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.access import Action, Caller
from app.store import Event

DONE = "done"
"""The outcome of what was done."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a caller, or one command of an operator."""

    caller: Caller
    action: Action
    target: str | None = None
    """Which record, as a path of ids; None where there is none yet, or many."""
    address: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def clinic(self) -> str:
        """The clinic whose rows this call can reach."""
        return self.caller.clinic

    def event(self, target: str | None = None, outcome: str = DONE, detail: Mapping[str, Any] | None = None) -> Event:
        """What the audit is told of it."""
        return Event(
            action=self.action,
            outcome=outcome,
            actor_kind=self.caller.kind,
            actor=self.caller.subject,
            target=self.target if target is None else target,
            address=self.address,
            request_id=self.request_id,
            detail=detail,
        )


def consultation_path(consultation_id: str, revision: int | None = None) -> str:
    """How the audit names a consultation, or one of its notes."""
    here = f"consultations/{consultation_id}"
    return here if revision is None else f"{here}/notes/{revision}"
