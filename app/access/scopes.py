"""What a caller may be allowed to do, as words that API keys and tokens carry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Self

from app.errors import InputError

_LONGEST = 100
"""Characters of an unknown word that a message repeats."""


class Scope(StrEnum):
    """One permission. `says` is a sentence for whoever hands it out."""

    says: str

    TRIAGE = "triage", "Ask for a note without anything being stored."
    KNOWLEDGE_READ = "knowledge:read", "Read the vocabulary and the rulebook with its sources."
    CONSULTATIONS_READ = "consultations:read", "Read and search consultations, their notes and their reviews."
    CONSULTATIONS_WRITE = "consultations:write", "Record consultations, one or many at once, and revise them."
    REVIEWS_WRITE = "reviews:write", "Record what a clinician decided about a note."
    PATIENTS_EXPORT = "patients:export", "Export everything that is held about a patient."
    PATIENTS_ERASE = "patients:erase", "Erase a patient, for good."
    AUDIT_READ = "audit:read", "Read who did what to which record."
    METRICS_READ = "metrics:read", "Read the figures of the running service; they hold nothing of patients."

    def __new__(cls, value: str, says: str) -> Self:
        """A member whose text is `value`, with the sentence beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.says = says
        return member


def parse_scopes(words: str | Iterable[str]) -> frozenset[Scope]:
    """The scopes named by a text, separated by spaces or commas, or by one word each.

    Raises InputError naming every word that is no scope, with the nearest one that is.
    """
    named = re.split(r"[\s,]+", words.strip(" \t\r\n,")) if isinstance(words, str) else list(words)
    known = {str(scope): scope for scope in Scope}
    unknown = sorted({word for word in named if word and word not in known})
    if unknown:
        raise InputError("; ".join(_explain(word[:_LONGEST], list(known)) for word in unknown))
    return frozenset(known[word] for word in named if word)


def _explain(word: str, known: list[str]) -> str:
    close = get_close_matches(word.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the scopes are {', '.join(known)}"
    return f"{word!r} is not a scope; {hint}"
