"""What may stay of a note, for learning, when its patient is erased."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from app.triage import Note

_LEFT_OUT: Final = frozenset({"input_digest"})
"""A digest of the body tells whoever still has the body, or can guess it, whose note this is."""

_STAYS: Final = frozenset(field.alias or name for name, field in Note.model_fields.items()) - _LEFT_OUT
_NOT_THE_PATIENT_S: Final = frozenset({"sources", "rulebook", "safety_net", "disclaimer"})
_DAY: Final = re.compile(r"\b(\d{4}-\d{2})-\d{2}\b")


def without_identity(note: bytes) -> bytes:
    """A note's JSON without what says whose it was: of each day only the month, and no digest of the body.

    A patient's reference and free text of a body never come into a note. Age and findings stay: they are what there is
    to learn from, and a rare combination of them can still be somebody that a reader knows.
    """
    stored: dict[str, Any] = orjson.loads(note)
    return orjson.dumps(
        {
            key: value if key in _NOT_THE_PATIENT_S else _by_month(value)
            for key, value in stored.items()
            if key in _STAYS
        }
    )


def _by_month(value: Any) -> Any:
    if isinstance(value, str):
        return _DAY.sub(r"\1", value)
    if isinstance(value, list):
        return [_by_month(each) for each in value]
    if isinstance(value, dict):
        return {_DAY.sub(r"\1", key): _by_month(each) for key, each in value.items()}
    return value
