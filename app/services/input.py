"""Strict reading of JSON documents, for every door: bytes in, a plain value or one error out.

`json.loads` alone lets pass what a clinic's data must never contain: a key given twice (which answer
counts?), NaN, numbers that silently become infinite, NUL characters and halves of surrogate pairs.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from app.errors import Fault, InvalidInput, MalformedBody
from app.services.faults import capped, pointer_to, validation_faults
from app.triage import Consultation, canonical, faults_of

MAX_DEPTH = 32
"""Objects and lists inside one another. The vocabulary needs fewer than ten."""

MAX_DIGITS = 18
"""Digits of a whole number; what fits a signed 64-bit integer, so that it can be stored and hashed."""

_Model = TypeVar("_Model", bound=BaseModel)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGE = 10**MAX_DIGITS
_NUMBERS = (int, float)
_BAD_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class _Bad:
    """Stands in the parsed tree for a number that is refused, so that its place can be found."""

    def __init__(self, problem: str, allowed: str) -> None:
        self.problem = problem
        self.allowed = allowed


class _Doubled(dict[str, Any]):
    """An object in which some keys were given more than once."""

    doubled: tuple[str, ...] = ()


def read_document(raw: bytes) -> Any:
    """Read `raw` as exactly one UTF-8 JSON document of objects, lists, text, finite numbers, true, false and null.

    Raises:
        MalformedBody: empty, not UTF-8, not one JSON document, or nested deeper than MAX_DEPTH.
        InvalidInput: JSON, but with duplicate keys, numbers that are not finite or too long, NUL characters or
            lone surrogates; one Fault each, all of them at once.
    """
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _read_carefully(raw)
    return document if _is_plain(document, raw) else _read_carefully(raw)


def validate(model: type[_Model], document: Any) -> _Model:
    """Make a `model` of a document that `read_document` returned.

    Raises:
        InvalidInput: one Fault for each value that is not allowed.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(validation_faults(error, document, model)) from None


def parse_consultation(document: Any) -> Consultation:
    """Make a consultation of a document that `read_document` returned.

    Raises:
        InvalidInput: one Fault for each value that is not allowed; if there is none, one for each double reading.
    """
    consultation = validate(Consultation, document)
    if faults := faults_of(consultation):
        raise InvalidInput(capped(faults))
    return consultation


def canonical_body(consultation: Consultation) -> bytes:
    """The body as it is stored: canonical JSON of what was stated, from which the same consultation is parsed again.

    A number that may have a fraction is written with one (4 as 4.0), and keys stand in an order of our own; nothing
    else differs from what was sent.
    """
    return canonical(consultation.model_dump(mode="json"))


def _is_plain(document: Any, raw: bytes) -> bool:
    """Whether `document`, quickly read from `raw`, can hold nothing to refuse: then the careful reading is spared.

    As many colons as keys means that no key was given twice (and that no text has a colon); no backslash means that
    no character was escaped. orjson refuses NaN and broken UTF-8, but turns long whole numbers into floats.
    """
    if b"\\" in raw:
        return False
    keys, layer = 0, [document]
    for _ in range(MAX_DEPTH):
        inner = []
        for parent in layer:
            kind = type(parent)
            if kind is dict:
                keys += len(parent)
                inner += parent.values()
            elif kind is list:
                inner += parent
            elif kind in _NUMBERS and not -_LARGE < parent < _LARGE:
                return False
        if not inner:
            return keys == raw.count(b":")
        layer = inner
    return False


def _read_carefully(raw: bytes) -> Any:
    document = _parse(_decode(raw))
    _check_depth(document)
    if faults := capped(_faults(document)):
        raise InvalidInput(faults)
    return document


def _decode(raw: bytes) -> str:
    if raw.startswith(_BYTE_ORDER_MARK):
        raise MalformedBody("the document starts with a byte order mark; send UTF-8 without one")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"not UTF-8: byte {error.start} cannot be read") from None
    if not text or text.isspace():
        raise MalformedBody("the document is empty; send one JSON object")
    return text


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno} (character {error.pos})"
        if error.msg == "Extra data":
            raise MalformedBody(f"something follows the JSON document at {where}") from None
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise MalformedBody(f"not JSON at {where}: {what}") from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> MalformedBody:
    return MalformedBody(f"nested too deeply; at most {MAX_DEPTH} objects or lists inside one another")


def _check_depth(document: Any) -> None:
    layer = [document]
    for _ in range(MAX_DEPTH):
        layer = [
            child
            for parent in layer
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not layer:
            return
    raise _too_deep()


def _faults(document: Any) -> Iterator[Fault]:
    """Every refused key and value of a parsed tree."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value, _Doubled):
                for key in value.doubled:
                    yield Fault(pointer_to((*path, key)), "this key is given more than once", "each key once")
            for key in value:
                if _BAD_CHARACTER.search(key):
                    yield _bad_text((*path, key), "the key")
            pending.extend(((*path, key), child) for key, child in reversed(value.items()))
        elif isinstance(value, list):
            pending.extend(((*path, index), value[index]) for index in range(len(value) - 1, -1, -1))
        elif isinstance(value, _Bad):
            yield Fault(pointer_to(path), value.problem, value.allowed)
        elif isinstance(value, str) and _BAD_CHARACTER.search(value):
            yield _bad_text(path, "the text")


def _bad_text(path: tuple[str | int, ...], what: str) -> Fault:
    return Fault(
        pointer_to(path), f"{what} contains a NUL character or half of a surrogate pair", "text of whole characters"
    )


def _read_float(digits: str) -> float | _Bad:
    number = float(digits)
    return _Bad("the number is too large", "a finite number") if math.isinf(number) else number


def _read_int(digits: str) -> int | _Bad:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        return _Bad("the number is too long", f"a whole number of at most {MAX_DIGITS} digits")
    return int(digits)


def _read_constant(name: str) -> _Bad:
    return _Bad(f"{name} is not a number", "a finite number")


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = _Doubled(pairs)
    if len(members) == len(pairs):
        return dict(members)
    members.doubled = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_read_object,
    parse_float=_read_float,
    parse_int=_read_int,
    parse_constant=_read_constant,
)
