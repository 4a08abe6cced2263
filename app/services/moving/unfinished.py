"""What an export wrote before it was interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from app.errors import InputError
from app.services.input import validate
from app.services.moving.form import FORMAT, Header


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The whole lines of an export without its end."""

    header: Header
    size: int
    """Bytes of those lines; what comes after them was cut off."""
    rulebooks: frozenset[str]
    consultations: int = 0
    last: str = ""
    """The id of the last consultation: they are written by id."""


def read_unfinished(file: BinaryIO, clinic: str, since: datetime | None) -> Unfinished | None:
    """What of an export is in a file, which is read from its beginning; None where there is not even a header.

    InputError when it is an export of another clinic, or since another moment.
    """
    first = _read_line(file.readline())
    if first is None:
        return None
    if first.get("kind") != "header" or first.get("format") != FORMAT:
        raise InputError("the .part file is not the beginning of an export of this version; remove it")
    header = validate(Header, first)
    if (header.clinic, header.since) != (clinic, since):
        raise InputError(
            "this is the beginning of another export: name the same clinic and the same --since, or remove it"
        )
    size, rulebooks, consultations, last = file.tell(), set[str](), 0, ""
    while (line := _read_line(file.readline())) is not None and line.get("kind") != "end":
        match line:
            case {"kind": "rulebook", "digest": str(digest)}:
                rulebooks.add(digest)
            case {"kind": "consultation", "id": str(last)}:
                consultations += 1
            case _:
                raise InputError("this is not the beginning of an export: remove it")
        size = file.tell()
    return Unfinished(header, size, frozenset(rulebooks), consultations, last)


def _read_line(raw: bytes) -> dict[str, Any] | None:
    """The document of a whole line; None for one that was cut off, or whose bytes never reached the disk."""
    if not raw.endswith(b"\n"):
        return None
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None
