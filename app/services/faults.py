"""pydantic's errors as Faults: where in the sent document, what was wrong, and what is allowed there.

pydantic's own locations name branches of unions that nobody sent, and its messages speak of dictionaries and
instances; a front desk needs neither. Faults go to the caller only and show at most 60 characters of a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import groupby, islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.errors import Fault
from app.services.fault_words import LONGEST_SHOWN, Place, allowed_at, is_about_type, nearest, problem_of, shorten
from app.services.shapes import Shapes, key_paths, keys_of, narrow_to, shapes_inside, shapes_of

MOST_FAULTS = 200
"""Faults of one document that are listed; a document of a million unknown keys gets a short answer."""

Step = str | int


@dataclass(frozen=True, slots=True)
class _Located:
    """An error, the place it is about, and the union branches that pydantic tried on the way there."""

    error: ErrorDetails
    path: tuple[Step, ...]
    branches: tuple[tuple[int, str], ...]
    """(length of the path at the union, pydantic's name for the branch)."""


def validation_faults(error: ValidationError, document: Any, model: type[BaseModel]) -> tuple[Fault, ...]:
    """One Fault for each thing wrong with `document`, which `model` refused with `error`.

    Where a value could have been one of several things (a union), the branch it fits best speaks; the complaints
    of the others would be noise.
    """
    details = islice(error.errors(include_url=False), 10 * MOST_FAULTS)
    located = _best_branches([_locate(detail, document) for detail in details], 0)
    faults = (_fault(item, model) for item in located)
    return capped(faults, more=max(0, error.error_count() - 10 * MOST_FAULTS))


def parameter_faults(errors: Iterable[Any]) -> tuple[Fault, ...]:
    """Faults of parameters outside the body, whose pointers start with where they were: `/query/limit`.

    Args:
        errors: pydantic's error details, each with `loc`, `type`, `msg`, `input` and perhaps `ctx`.
    """
    return capped(_worded(error, error["loc"], Place(error["loc"][-1])) for error in errors)


def capped(faults: Iterable[Fault], more: int = 0) -> tuple[Fault, ...]:
    """The first MOST_FAULTS without repetitions, and a last one that says if there are more."""
    remaining = iter(faults)
    listed = tuple(dict.fromkeys(islice(remaining, MOST_FAULTS)))
    if next(remaining, None) is None and not more:
        return listed
    return (*listed, Fault("", f"more faults than these {len(listed)}, which are not listed", "correct these first"))


def pointer_to(path: Iterable[Step]) -> str:
    """A JSON pointer (RFC 6901). Keys too long to repeat are cut; NUL and lone surrogates in them are escaped."""
    return "".join(f"/{shorten(str(step)).replace('~', '~0').replace('/', '~1')}" for step in path)


def _locate(error: ErrorDetails, document: Any) -> _Located:
    loc = error["loc"]
    absent = loc[-1:] if error["type"] == "missing" else ()
    sought = loc[: len(loc) - len(absent)]
    readings = list(_readings(document, sought))
    best = next((kept for kept, value in readings if value is error["input"]), None)
    if best is None:
        best = next((kept for kept, value in readings if value == error["input"]), readings[0][0])
    path: list[Step] = []
    branches: list[tuple[int, str]] = []
    for index, step in enumerate(sought):
        if index in best:
            path.append(step)
        else:
            branches.append((len(path), str(step)))
    return _Located(error, (*path, *absent), tuple(branches))


def _readings(value: Any, loc: Sequence[Step], index: int = 0) -> Iterator[tuple[frozenset[int], Any]]:
    """Each way to read `loc` as a path through `value`: the positions that are real steps, and what lies at the end.

    The other positions are names of union branches. Readings that take more real steps come first.
    """
    if index == len(loc):
        yield frozenset(), value
        return
    step = loc[index]
    present = (isinstance(value, dict) and step in value) or (
        isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
    )
    if present:
        for kept, end in _readings(value[step], loc, index + 1):
            yield kept | {index}, end
    if not present or isinstance(step, str):
        yield from _readings(value, loc, index + 1)


def _best_branches(located: Sequence[_Located], level: int) -> list[_Located]:
    """Keep, of each union met at `level`, only the errors of the branch that the sent value fits best."""
    chosen: list[_Located] = []
    for site, group in groupby(located, key=lambda item: _site(item, level)):
        items = list(group)
        if site is None:
            chosen += items
            continue
        tried: dict[str, list[_Located]] = {}
        for item in items:
            tried.setdefault(item.branches[level][1], []).append(item)
        fitting = [errors for errors in tried.values() if not any(_misses(item, len(site)) for item in errors)]
        if fitting:
            chosen += _best_branches(min(fitting, key=len), level + 1)
        else:
            chosen.append(items[0])
    return chosen


def _site(item: _Located, level: int) -> tuple[Step, ...] | None:
    return item.path[: item.branches[level][0]] if level < len(item.branches) else None


def _misses(item: _Located, depth: int) -> bool:
    return len(item.path) == depth and is_about_type(item.error)


def _fault(item: _Located, model: type[BaseModel]) -> Fault:
    """The error in words; `model` is that of the whole document."""
    parents: Shapes = ()
    shapes = shapes_of(model)
    branches = list(item.branches)
    for index, step in enumerate(item.path):
        shapes = _narrowed(shapes, branches, index)
        parents, shapes = shapes, shapes_inside(shapes, step)
    path = item.path
    if item.error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        key = str(item.error["ctx"]["discriminator"]).strip("'")
        if key in keys_of(shapes):
            path, parents, shapes = (*path, key), shapes, shapes_inside(shapes, key)
    step = path[-1] if path else ""
    elsewhere = _elsewhere(model, path) if item.error["type"] == "extra_forbidden" else ()
    says_unknown = "not_known" in keys_of(shapes_of(model))
    return _worded(item.error, path, Place(step, parents, shapes, elsewhere, says_unknown))


def _elsewhere(model: type[BaseModel], path: tuple[Step, ...]) -> tuple[str, ...]:
    """At most two places, as facts are named, where the document has a key like the last of `path`."""
    places = _places(model)
    here = ".".join(step for step in path if isinstance(step, str))
    given = str(path[-1])[:LONGEST_SHOWN]
    similar = get_close_matches(given, nearest(given, places, 5), n=1)
    return tuple(place for key in similar for place in places[key] if place != here)[:2]


@cache
def _places(model: type[BaseModel]) -> dict[str, list[str]]:
    """For each key anywhere in the document, where it belongs."""
    places: dict[str, list[str]] = {}
    for path in dict.fromkeys(key_paths(shapes_of(model))):
        places.setdefault(path[-1], []).append(".".join(path))
    return places


def _worded(error: ErrorDetails, path: tuple[Step, ...], place: Place) -> Fault:
    return Fault(pointer_to(path), problem_of(error, place), allowed_at(error, place))


def _narrowed(shapes: Shapes, branches: list[tuple[int, str]], depth: int) -> Shapes:
    while branches and branches[0][0] == depth:
        shapes = narrow_to(shapes, branches.pop(0)[1])
    return shapes
