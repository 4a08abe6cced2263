"""The clinical cases beside this file: what a case may say, and where to find them all.

- case: a sentence
  body: what is posted
  urgency: {at_least: urgent, at_most: emergency}   at_most may be left out
  categories: {lumbar_decompression: suppressed}    null: the note does not list it
  holds: [rules that are true]
  open: [rules that are undecided]
  fails: [rules that are false]
  but:                                              variants, each a near miss or a step further
    - case: a sentence
      with: a merge patch of the body
      urgency, categories, holds, open, fails       as above; nothing is taken over

- boundary: a sentence
  parameter: the named parameter whose edge it is, if it is one
  rule: the rule that turns
  body: what is posted, but for one value
  at: JSON pointer of that value
  holds, open, fails: values with which the rule is true, undecided, false
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from app.triage.note.schema import Status, UrgencyName

FOLDER = Path(__file__).parent
Body = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Part):
    """The urgency that a note has at least and, where the case is about that, at most."""

    at_least: UrgencyName
    at_most: UrgencyName | None = None


class Expected(_Part):
    """One body's sentence and what the note says of it."""

    case: str
    urgency: Span
    categories: dict[str, Status | None] = {}
    holds: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()


class Variant(Expected):
    """The same body with a merge patch."""

    patch: Body = Field(alias="with")


class Case(Expected):
    """A body and its variants."""

    body: Body
    but: tuple[Variant, ...] = ()


class Boundary(_Part):
    """One rule and the values of one field at which it turns."""

    boundary: str
    parameter: str | None = None
    rule: str
    body: Body
    at: str
    holds: tuple[Any, ...]
    open: tuple[Any, ...] = ()
    fails: tuple[Any, ...]


@cache
def _entries() -> tuple[tuple[str, Body], ...]:
    """Every entry of every file, each with the name of its file."""
    return tuple(
        (path.stem, entry)
        for path in sorted(FOLDER.glob("*.yaml"))
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    )


def expectations() -> Iterator[tuple[str, Expected, Body]]:
    """Every case and every variant: the name of its file, what is expected, and the body."""
    for file, entry in _entries():
        if "case" in entry:
            case = Case.model_validate(entry)
            yield file, case, case.body
            for variant in case.but:
                yield file, variant, merged(case.body, variant.patch)


def boundaries() -> Iterator[tuple[str, Boundary]]:
    """Every boundary, with the name of its file."""
    for file, entry in _entries():
        if "boundary" in entry:
            yield file, Boundary.model_validate(entry)


def files() -> dict[str, list[Body]]:
    """The entries of each file, unchecked."""
    found: dict[str, list[Body]] = {}
    for file, entry in _entries():
        found.setdefault(file, []).append(entry)
    return found


def merged(body: Any, patch: Any) -> Any:
    """A body after a merge patch (RFC 7396); the body itself stays as it was."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    result = dict(body) if isinstance(body, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def placed(body: Body, pointer: str, value: Any) -> Body:
    """A copy of a body with the value at a JSON pointer; parents that are missing are objects."""
    whole = copy.deepcopy(body)
    place: Any = whole
    *parents, last = pointer.removeprefix("/").split("/")
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return whole
