"""One printed page, and what stands on it when not everything fits.

Every part of a note can be said in fewer words or be left to the full note. A page starts with the shortest form of
everything and gives the room that is left to one longer form after another, the most important first.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache

# A4 is 595 by 842 points. A 9-point monospaced letter is 0.6 * 9 = 5.4 points wide: 100 of them leave 27 points
# (9.6 mm) on either side. Lines stand 1.2 * 9 = 10.8 points apart: 72 of them leave 32 points (11 mm) above and below.
COLUMNS = int((595 - 2 * 27) / (0.6 * 9))
LINES = int((842 - 2 * 32) / (1.2 * 9))


class Rank(IntEnum):
    """What gets its room first. The first is never left out."""

    ALWAYS = auto()
    EVERY_FLAG_NAMED = auto()
    EVERY_DISAGREEMENT = auto()
    ACTIONS = auto()
    URGENT_QUESTIONS = auto()
    READINGS = auto()
    CHANGES = auto()
    TOPICS = auto()
    STRONGEST_FOR = auto()
    STRONGEST_AGAINST = auto()
    STRONGEST_DOUBT = auto()
    MISSING_IMAGING = auto()
    BECAUSE = auto()
    TECHNIQUES = auto()
    OTHER_QUESTIONS = auto()
    BESIDE = auto()
    EVERY_REASON = auto()
    BLANK_LINES = auto()
    MILDER_ACTIONS = auto()
    EVERY_CLAIM = auto()
    SOURCES = auto()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text behind a mark, or plain without one.

    With `again`, sentences that stand on the page already are not said twice; where the whole text does, `again`
    stands in its place. `lead` stands before either.
    """

    text: str
    mark: str = "-"
    depth: int = 1
    again: str | None = None
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say an entry, and the rank at which it gets its room."""

    rank: Rank
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to say, in forms from the shortest to the longest.

    Without a form of rank ALWAYS it can be left out; `names` then says in the section's last line what was.
    """

    forms: tuple[Form, ...]
    names: tuple[str, ...] = ()


def whole(rank: Rank, *paragraphs: Paragraph, names: tuple[str, ...] = ()) -> Entry:
    """An entry with a single form."""
    return Entry((Form(rank, paragraphs),), names)


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a title.

    rest   the sentence about what was left out, from the names of those entries and how many to name
    named  how many to name, and the rank at which
    """

    title: str
    entries: tuple[Entry, ...]
    rest: Callable[[Sequence[str], int], str] | None = None
    named: tuple[tuple[Rank, int], ...] = ((Rank.TOPICS, 3),)


def listed(items: Sequence[str], most: int) -> str:
    """Some items, and how many more stand in the full note."""
    more = len(items) - most
    if items and not most:
        return f"{more} in the full note"
    return "; ".join(items[:most]) + (f"; and {more} more in the full note" if more > 0 else "")


def fill(sections: Sequence[Section]) -> list[str]:
    """The lines of the page: the longest forms, by rank and then by place, that LINES leave room for.

    Forms of rank ALWAYS are printed whatever they take.
    """
    chosen: dict[tuple[int, int], int] = {}
    steps: list[tuple[Rank, int, int, int]] = [(Rank.BLANK_LINES, _PAGE, 0, 1)]
    for place, section in enumerate(sections):
        choices = [(number, entry.forms) for number, entry in enumerate(section.entries)]
        steps += [(form.rank, place, number, i) for number, forms in choices for i, form in enumerate(forms)]
        steps += [(rank, place, _REST, most) for rank, most in section.named]
    for rank, place, number, level in sorted(steps):
        trial = chosen | {(place, number): level}
        if rank == Rank.ALWAYS or len(_printed(sections, trial)) <= LINES:
            chosen = trial
    return _printed(sections, chosen)


_PAGE = _REST = -1


def _printed(sections: Sequence[Section], chosen: dict[tuple[int, int], int]) -> list[str]:
    lines: list[str] = []
    told: set[str] = set()
    for place, section in enumerate(sections):
        block = [line for paragraph in _paragraphs(place, section, chosen) for line in _once(paragraph, told)]
        if block:
            lines += [""] * (bool(lines) and (_PAGE, 0) in chosen)
            lines += [section.title, *block] if section.title else block
    return lines


def _paragraphs(place: int, section: Section, chosen: dict[tuple[int, int], int]) -> Iterator[Paragraph]:
    left_out: list[str] = []
    for number, entry in enumerate(section.entries):
        level = chosen.get((place, number))
        if level is None:
            left_out += entry.names
        else:
            yield from entry.forms[level].paragraphs
    if left_out and section.rest is not None:
        yield Paragraph(section.rest(list(dict.fromkeys(left_out)), chosen.get((place, _REST), 0)))


def _once(paragraph: Paragraph, told: set[str]) -> Sequence[str]:
    text, sentences = paragraph.text, _sentences(paragraph.text)
    if paragraph.again is not None and text in told:
        text = paragraph.again
    elif paragraph.again is not None and not told.isdisjoint(sentences):
        text = _unsaid(sentences, told, paragraph.again)
    told.add(paragraph.text)
    told.update(sentences)
    return _wrapped(f"{paragraph.lead}{text}", paragraph.mark, paragraph.depth) if text else ()


_ABOVE = "[as above]"


def _unsaid(sentences: list[str], told: set[str], again: str) -> str:
    """What is new. A reason whose first sentence stands above says so, since the rest leans on it."""
    fresh = [_ABOVE if said in told and said[0] == "[" else said for said in sentences if _is_fresh(said, told)]
    if all(said[0] in "([" for said in fresh):
        return again
    first = ["As above."] if again and sentences[0] in told else []
    return " ".join([*first, *fresh])


def _is_fresh(said: str, told: set[str]) -> bool:
    return said not in told or said[0] in "(["


@lru_cache(maxsize=2048)
def _sentences(text: str) -> list[str]:
    """The sentences of a text, and its facts and its sources in their brackets."""
    return re.split(r"(?<=[.?!]) (?=[A-Z(])| (?=\[)|(?<=\]) (?=\()", text)


@lru_cache(maxsize=2048)
def _wrapped(text: str, mark: str, depth: int) -> tuple[str, ...]:
    lead = f"{'  ' * depth}{mark} " if mark else ""
    # A level such as L4-L5 stays in one piece.
    later = " " * len(lead)
    return tuple(textwrap.wrap(text, COLUMNS, initial_indent=lead, subsequent_indent=later, break_on_hyphens=False))
