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

- case: a sentence                                   published cases and guideline scenarios say besides
  source: {id, citation, identifier, kind}          whose case it is; `id` is our number for it
  accepts: {urgency: [...], categories: [...]}      the first category is the one that was chosen
  basis: source or assigned                         whether the source acted with that urgency, or guidelines say so
  inferred: [facts that the source does not plainly state]
  disagrees: where the case and the evidence differ
  never, asks                                       see `Never`; `accepting.py` says what each asks of a note

- boundary: a sentence
  parameter: the named parameter whose edge it is, if it is one
  rule: the rule that turns
  body: what is posted, but for one value
  at: JSON pointer of that value
  holds, open, fails: values with which the rule is true, undecided, false

- scored: a sentence
  score: the score that it is about
  body, at                                          as above
  shows: [[value, total, band], ...]                what the note shows of the score with that value

- enough: a rule
  urgency: the urgency of its red flag
  speaks_for: [categories]                          for which the note of the first body quotes it
  bodies: [...]                                     each is just enough for it: with any one answer less it is not true
  words: [{body, at, holds}]                        all the words at that place with which it is true
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

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


class CaseSource(_Part):
    """Where a case was published, or which guideline it illustrates; its facts stand here in our own words."""

    id: str
    citation: str
    identifier: str
    kind: Literal["case_report", "case_library", "surgeon_page", "teaching_case", "guideline"]


class Accepts(_Part):
    """Urgencies and categories that the source or guidelines leave open."""

    urgency: tuple[UrgencyName, ...] = Field(min_length=1)
    categories: tuple[str, ...] = Field(min_length=1)


class Never(_Part):
    """What would be a hard failure.

    discussable  categories that must not be offered; `procedures` stands for all of them
    certain      categories that may be offered, but not without a doubt or a reason against
    alone        categories that must not be offered without another accepted one beside them
    first        categories that must not stand first
    settled      urgencies that must not be settled at
    says         patterns that no sentence of the note may contain
    muted_by     JSON pointers of facts that must not lower the urgency or quieten a rule
    """

    discussable: tuple[str, ...] = ()
    certain: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    settled: tuple[UrgencyName, ...] = ()
    says: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()


class Published(Case):
    """A case that somebody published, or a scenario of a guideline."""

    source: CaseSource
    accepts: Accepts
    basis: Literal["source", "assigned"]
    inferred: tuple[str, ...] = ()
    disagrees: str | None = None
    never: Never = Never()
    asks: tuple[str, ...] = ()


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


class Scored(_Part):
    """One score and what the note shows of it while one field of the body changes."""

    scored: str
    score: str
    body: Body
    at: str
    shows: tuple[tuple[Any, float, str | None], ...] = Field(min_length=1)


class Words(_Part):
    """The words at one place of a body with which a rule is true; with any other it is not."""

    body: Body
    at: str
    holds: tuple[str, ...] = Field(min_length=1)


class Enough(_Part):
    """What is just enough for one rule."""

    enough: str
    urgency: UrgencyName | None = None
    speaks_for: tuple[str, ...] | None = None
    bodies: tuple[Body, ...] = ()
    words: tuple[Words, ...] = ()


@cache
def _entries() -> tuple[tuple[str, Body], ...]:
    """Every entry of every file, each with the name of its file."""
    return tuple(
        (path.relative_to(FOLDER).with_suffix("").as_posix(), entry)
        for path in sorted(FOLDER.rglob("*.yaml"))
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    )


def expectations() -> Iterator[tuple[str, Expected, Body]]:
    """Every case and every variant: the name of its file, what is expected, and the body."""
    for file, entry in _entries():
        if "case" in entry:
            case = (Published if "accepts" in entry else Case).model_validate(entry)
            yield file, case, case.body
            for variant in case.but:
                yield file, variant, merged(case.body, variant.patch)


def published() -> Iterator[tuple[str, Published]]:
    """Every published case and guideline scenario, with the name of its file."""
    for file, entry in _entries():
        if "accepts" in entry:
            yield file, Published.model_validate(entry)


def boundaries() -> Iterator[tuple[str, Boundary]]:
    """Every boundary, with the name of its file."""
    for file, entry in _entries():
        if "boundary" in entry:
            yield file, Boundary.model_validate(entry)


def scored() -> Iterator[tuple[str, Scored]]:
    """Every table of what a score shows, with the name of its file."""
    for file, entry in _entries():
        if "scored" in entry:
            yield file, Scored.model_validate(entry)


def enough() -> Iterator[Enough]:
    """What is just enough for each rule that is told of so."""
    for _, entry in _entries():
        if "enough" in entry:
            yield Enough.model_validate(entry)


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
