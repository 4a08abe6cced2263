"""The words of a Fault: what was wrong with a value, and what is allowed in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from heapq import nsmallest
from itertools import pairwise
from typing import Any

from pydantic_core import ErrorDetails

from app.services.shapes import Shapes, choices_of, describe, field_named, holds_numbers, keys_of

LONGEST_SHOWN = 60
"""Characters of a sent value that an answer may repeat."""

MOST_KEYS = 12
"""Allowed keys that an answer names beside an unknown one; of more, the most similar."""

_PROBLEMS_OF_KEYS = {
    "missing": "this key is required",
    "union_tag_not_found": "this key is required; it tells which kind of object this is",
}
_CUSTOM = frozenset({"value_error", "assertion_error"})
_SIZES = {"too_short": "few", "too_long": "many", "string_too_short": "few", "string_too_long": "many"}
_CLAUSES = {
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than": "is too large",
    "less_than_equal": "is too large",
    "multiple_of": "lies between the allowed steps",
    "finite_number": "is not a finite number",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is too long",
    "float_parsing": "is not a number",
    "bool_parsing": "is neither true nor false",
    "date_parsing": "is not a date",
    "date_from_datetime_parsing": "is not a date",
    "date_from_datetime_inexact": "is a time, not a date",
    "datetime_parsing": "is not a time",
    "datetime_from_date_parsing": "is not a time",
    "timezone_aware": "lacks its time zone",
    "uuid_parsing": "is not a UUID",
}
_TYPES_BEYOND_NAME = frozenset({"int_from_float", "none_required", "missing_sentinel_error", "is_instance_of"})
_WHAT_KIND = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "an object",
    "model": "an object",
    "date": "a date, such as 2025-03-31",
    "datetime": "a time with its zone, such as 2025-03-31T09:30:00Z",
    "uuid": "a UUID",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error is: the last key or index, what its parent is, and what it may hold. Empty if not known.

    `elsewhere` are the other places of the document that a key of this name, or nearly of this name, belongs to;
    `says_unknown` tells whether the document has a key for what is not known.
    """

    step: str | int = ""
    parents: Shapes = ()
    shapes: Shapes = ()
    elsewhere: tuple[str, ...] = ()
    says_unknown: bool = False


def problem_of(error: ErrorDetails, place: Place) -> str:
    """What was wrong, as a short clause."""
    kind, value, ctx = error["type"], error["input"], error.get("ctx", {})
    if kind in _PROBLEMS_OF_KEYS:
        return _PROBLEMS_OF_KEYS[kind]
    if kind == "extra_forbidden":
        return f"unknown key{_or_elsewhere(place)}"
    if kind == "union_tag_invalid":
        return f"this text is not one of the choices{_did_you_mean(ctx['tag'], choices_of(place.shapes))}"
    if kind in _CUSTOM:
        return str(ctx.get("error") or error["msg"])
    if value is None:
        return "null is not an answer"
    if kind in ("literal_error", "enum"):
        return f"{show(value, place.shapes)} is not one of the choices{_did_you_mean(value, choices_of(place.shapes))}"
    if kind in _SIZES and isinstance(value, (str, list)):
        return _wrong_size(value, _SIZES[kind])
    if kind in _CLAUSES:
        return f"{show(value, place.shapes)} {_CLAUSES[kind]}"
    if is_about_type(error):
        return f"{show(value, place.shapes)} is the wrong kind of value"
    return error["msg"].replace("Input should be", "should be")


def allowed_at(error: ErrorDetails, place: Place) -> str:
    """What would be right in the place of the error. Never empty."""
    kind, ctx = error["type"], error.get("ctx", {})
    if "allowed" in ctx:
        return str(ctx["allowed"])
    if kind == "extra_forbidden":
        return _allowed_keys(keys_of(place.parents), place.step)
    if kind in _CUSTOM and keys_of(place.shapes):
        return "values that agree with one another"
    right = describe(place.shapes) or _from_error(error)
    if error["input"] is None and kind not in _PROBLEMS_OF_KEYS:
        field = field_named(place.parents, place.step) if isinstance(place.step, str) else None
        if field is not None and not field.is_required():
            return "leave the key out" + (", or name it in not_known" if place.says_unknown else "")
    return right


def is_about_type(error: ErrorDetails) -> bool:
    """Whether the value is of the wrong JSON type altogether, as text where a number belongs."""
    kind = error["type"]
    return kind.endswith("_type") or kind in _TYPES_BEYOND_NAME


def nearest(given: str, names: Iterable[str], most: int) -> list[str]:
    """The `most` names that share the most pairs of letters with `given`, best first.

    Quick, since a hostile body may hold hundreds of unknown keys: difflib takes milliseconds for each.
    """
    pairs = _pairs(given[:LONGEST_SHOWN])
    return nsmallest(most, names, key=lambda name: -len(pairs & _kept(name)) / (len(pairs) + len(_kept(name))))


def shorten(text: str) -> str:
    """`text` with at most LONGEST_SHOWN characters, those escaped that cannot be sent or seen."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in cut)


def show(value: Any, allowed: Shapes) -> str:
    """A number as the caller wrote it, where `allowed` has numbers; of anything else only what kind of value it is.

    Errors are logged by those who receive them, and a name or a record number typed into the wrong field is a
    patient's all the same: no text is repeated, nor a number where none belongs.
    """
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, str):
        return "this text"
    if not isinstance(value, bool) and isinstance(value, (int, float)) and not holds_numbers(allowed):
        return "this number"
    try:
        return shorten(json.dumps(value))
    except (TypeError, ValueError):
        return "this value"


def _pairs(name: str) -> frozenset[str]:
    """Neighbouring characters, those at its ends included."""
    return frozenset(first + second for first, second in pairwise(f" {name} "))


_kept = cache(_pairs)  # for the keys of models only: what callers send is not kept


def _did_you_mean(given: Any, known: Sequence[str]) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_SHOWN:
        return ""
    close = get_close_matches(given, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _or_elsewhere(place: Place) -> str:
    """A hint at what an unknown key was to be: a similar one here, or one like it somewhere else."""
    here = _did_you_mean(place.step, keys_of(place.parents))
    exact = [path for path in place.elsewhere if path.rpartition(".")[2] == place.step]
    paths = exact or ([] if here else list(place.elsewhere))
    return f"; did you mean {' or '.join(paths)}?" if paths else here


def _allowed_keys(keys: Sequence[str], given: str | int) -> str:
    if not keys:
        return "no other keys"
    if len(keys) <= MOST_KEYS:
        return f"the keys {', '.join(keys)}"
    return f"{len(keys)} keys, such as {', '.join(nearest(str(given), keys, MOST_KEYS))}"


def _wrong_size(value: str | list[Any], comparison: str) -> str:
    if not value:
        return "the text is empty" if isinstance(value, str) else "the list is empty"
    unit = "characters" if isinstance(value, str) else "items"
    return f"too {comparison}: {len(value)} {unit}"


def _from_error(error: ErrorDetails) -> str:
    """What is allowed, from pydantic's error alone, for places that no model describes (query parameters)."""
    kind, ctx = error["type"], error.get("ctx", {})
    if "expected" in ctx:
        return f"one of {ctx['expected']}".replace("'", '"')
    if "expected_tags" in ctx:
        return f"one of {ctx['expected_tags']}".replace("'", '"')
    for name, word in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if name in ctx:
            return f"{word} {ctx[name]:g}" if isinstance(ctx[name], (int, float)) else f"{word} {ctx[name]}"
    if "min_length" in ctx:
        return f"at least {ctx['min_length']} long"
    if "max_length" in ctx:
        return f"at most {ctx['max_length']} long"
    for start, words in _WHAT_KIND.items():
        if kind.startswith(f"{start}_"):
            return words
    return "see the documentation of this parameter" if kind != "missing" else "a value"
