"""Lines of a file, some at a time, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol

from app.errors import Fault, InvalidInput, SpineTriageError
from app.services.batch import Line
from app.store import Arrival, Snapshot

LONGEST_LINE: Final = 256 * 1024 * 1024
"""Bytes of a line; a consultation that was revised a thousand times has half of it."""

MOST_LINES: Final = 200
"""Lines that are prepared and stored together: one transaction."""

_ENOUGH_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines, and where in the file the last one ends."""

    lines: list[Line]
    end: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of which nothing was stored, and why. `faults` may repeat values of it."""

    line: int
    code: str
    problem: str
    faults: tuple[Fault, ...] = ()

    @classmethod
    def by(cls, line: int, error: SpineTriageError) -> Rejected:
        """The line that `error` was raised for."""
        if isinstance(error, InvalidInput):
            return cls(line, error.code, "some values are not allowed", error.faults)
        return cls(line, error.code, str(error))


@dataclass(slots=True)
class Prepared:
    """What some lines come to: ready to be stored, there already, or rejected."""

    arrivals: list[tuple[int, Arrival]] = field(default_factory=list)
    """Each with the number of its line."""
    snapshots: list[Snapshot] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    there: int = 0


class Preparing(Protocol):
    """Makes of lines what is to be stored. Asked for one chunk after the other, in the order of the file."""

    async def prepare(self, lines: list[Line]) -> Prepared:
        """What the lines come to. StoreUnavailable."""

    def finish(self, last_line: int) -> list[Rejected]:
        """What is wrong with the file as a whole, now that all of it was prepared."""


def read_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The lines of a file that are not blank, in chunks. A line that is longer than LONGEST_LINE is never held."""
    number, size, lines = 0, 0, list[Line]()
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            lines.append(Line(number, None))
        elif content := raw.strip(b" \t\r\n"):
            lines.append(Line(number, content))
            size += len(content)
        if len(lines) >= MOST_LINES or size >= _ENOUGH_BYTES:
            yield Chunk(lines, file.tell())
            size, lines = 0, []
    if lines:
        yield Chunk(lines, file.tell())
