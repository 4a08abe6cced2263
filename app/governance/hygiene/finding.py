"""What the check of a rulebook that loads can find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of a knowledge file, or, where `packaged`, of a file of the vocabulary below `app/`."""

    file: str
    line: int
    packaged: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a rule owner's time, in the form of a loading fault.

    An `error` would mislead a reader of notes; a `note` is dead or ageing knowledge. `witness` is a consultation in the
    service's JSON that shows it, where there is one.
    """

    place: Place
    code: str
    severity: Severity
    problem: str
    remedy: str
    witness: dict[str, Any] | None = None

    @property
    def told(self) -> str:
        """All but where it stands, as a loading fault says it."""
        return f"{self.problem} ({self.remedy}) [{self.code}]"
