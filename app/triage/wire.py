"""How each thing is written in a body: where it stands, its JSON type, its values, and numbers with their unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import floor
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import MISSING
from pydantic.fields import FieldInfo

from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Section, Span
from app.triage.vocabulary.quantities import (
    DAYS_IN,
    LEAST_OFFSET,
    LONGEST_DAYS,
    MOST_OFFSET,
    QUANTITIES,
    Duration,
    Hba1c,
    MyelopathyScore,
    NeckDisability,
    SagittalOffset,
)

_SHAPES: dict[type[Section], tuple[tuple[str, ...], ...]] = {
    Duration: (("value", "unit"), ("at_least", "at_most", "unit"), ("at_least", "unit"), ("at_most", "unit")),
}
"""Which keys a quantity is sent with, where that is not all of them."""

_RANGES: dict[type[Section], dict[str, Span]] = {
    # A count has at most as many as there are days in the longest duration, whatever its unit.
    Duration: {unit: (0, min(LONGEST_DAYS, floor(LONGEST_DAYS / days))) for unit, days in DAYS_IN.items()},
    Hba1c: {"percent": (3, 20), "mmol_per_mol": (9, 195)},
    SagittalOffset: {"mm": (LEAST_OFFSET, MOST_OFFSET), "cm": (LEAST_OFFSET / 10, MOST_OFFSET / 10)},
    NeckDisability: {"raw": (0, 50), "percent": (0, 100)},
    MyelopathyScore: {"benzel_18": (0, 18)},
}
"""What the numbers of a quantity may be, by the choice (unit, scale, version) that is sent beside them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a body that holds an answer, or a list of objects.

    `name` is its path, in which lists add no step; `inside` is the path of the list that it is repeated in.
    """

    name: str
    field: FieldInfo
    inside: str | None
    rows: type[Section] | None = None
    """What the objects of a list are; None for an answer."""


@cache
def entries() -> dict[str, Entry]:
    """Every key of a body by its path, in the order of declaration."""
    return {entry.name: entry for entry in _walk(Consultation, "", None)}


def written(field: FieldInfo) -> dict[str, Any]:
    """`{sent_as, values, length, quantity, shapes, ranges}` of an answer, as JSON.

    sent_as  boolean, integer, number, text, date, list, object, or "integer or text"
    values   all that may be sent, or of a list all that may stand in it; empty where `sent_as` says enough
    length   how many characters or items, `{at_least, at_most}`; None where there is no limit but the body's
    quantity the kind of quantity that is sent as an object; None for a plain value
    shapes   the objects that may be sent: each key with its choices, or with the type of its number
    ranges   for each choice that stands in a shape, what its numbers may be
    """
    arms = _arms(field.annotation, (field,))
    kinds = [kind for kind, _ in arms]
    quantity = next((kind for kind in kinds if kind in QUANTITIES), None)
    listed = next((_arms(get_args(kind)[0]) for kind in kinds if get_origin(kind) is list), None)
    return {
        "sent_as": " or ".join(dict.fromkeys(_json_type(kind) for kind in kinds)),
        "values": _values(arms if listed is None else listed),
        "length": _limits(arms[0][1], "min_length", "max_length"),
        "quantity": None if quantity is None else quantity.__name__,
        **({"shapes": [], "ranges": {}} if quantity is None else object_form(quantity)),
    }


def object_form(quantity: type[Section]) -> dict[str, Any]:
    """`{shapes, ranges}` of a quantity; see `written`."""
    fields = quantity.model_fields
    shapes = _SHAPES.get(quantity, (tuple(fields),))
    return {
        "shapes": [{key: _key_form(fields[key]) for key in keys} for keys in shapes],
        "ranges": {choice: {"at_least": low, "at_most": high} for choice, (low, high) in _RANGES[quantity].items()},
    }


def section_in(field: FieldInfo) -> type[Section] | None:
    """The part of a body that a field holds, or holds a list of; None for an answer."""
    kind = _arms(field.annotation)[0][0]
    if get_origin(kind) is list:
        kind = _arms(get_args(kind)[0])[0][0]
    is_part = isinstance(kind, type) and issubclass(kind, Section) and kind not in QUANTITIES
    return kind if is_part else None


def _walk(model: type[Section], prefix: str, inside: str | None) -> Iterator[Entry]:
    for key, field in model.model_fields.items():
        path = f"{prefix}{key}"
        part = section_in(field)
        if part is None:
            yield Entry(path, field, inside)
        elif get_origin(_arms(field.annotation)[0][0]) is list:
            yield Entry(path, field, inside, part)
            yield from _walk(part, f"{path}.", path)
        else:
            yield from _walk(part, f"{path}.", inside)


def _arms(annotation: Any, said: tuple[Any, ...] = ()) -> list[tuple[Any, list[Any]]]:
    """The types that an annotation allows, each with the constraints and fields annotated on it."""
    origin = get_origin(annotation)
    found = [part for each in said for part in (*(each.metadata if isinstance(each, FieldInfo) else ()), each)]
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _arms(inner, (*said, *more))
    if origin in {Union, UnionType}:
        return [arm for each in get_args(annotation) if each is not MISSING for arm in _arms(each, said)]
    return [(annotation, found)]


def _json_type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "text"
    if get_origin(kind) is list:
        return "list"
    return {bool: "boolean", int: "integer", float: "number", str: "text", dt.date: "date"}.get(kind, "object")


def _values(arms: list[tuple[Any, list[Any]]]) -> list[Any]:
    """All values of a choice; a whole number beside a choice (MRC 4, 4+) is one too."""
    found: list[Any] = []
    for kind, said in arms:
        if kind is bool:
            found += [False, True]
        elif get_origin(kind) is Literal:
            found += get_args(kind)
        elif kind is int and len(arms) > 1:
            limits = _limits(said, "ge", "le")
            found += range(limits["at_least"], limits["at_most"] + 1) if limits else ()
        elif kind is str:
            found += _names(said)
    return found


def _names(said: list[Any]) -> list[str]:
    """Names that a validator checks, where there are too many for a Literal."""
    extras: Iterator[Any] = (part.json_schema_extra for part in said if isinstance(part, FieldInfo))
    return next((list(extra["enum"]) for extra in extras if isinstance(extra, dict) and "enum" in extra), [])


def _limits(said: list[Any], low: str, high: str) -> dict[str, Any] | None:
    found = {
        name: limit
        for name, of in (("at_least", low), ("at_most", high))
        for part in said
        if (limit := getattr(part, of, None)) is not None
    }
    return {"at_least": None, "at_most": None} | found if found else None


def _key_form(field: FieldInfo) -> Any:
    form = written(field)
    return form["values"] or form["sent_as"]
