"""Pieces of Markdown: text that means itself, headings and the links to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Inside a word _ means itself, and & does unless a name and ; follow it.
_SPECIAL = re.compile(r"([\\`*\[\]<>|]|(?<!\w)_|_(?!\w)|&(?=#?\w+;))")
_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9 _-]")


def plain(text: str) -> str:
    """A text in which no character has a meaning for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """An id as it stands in the files."""
    return f"`{text}`"


def anchor(heading: str) -> str:
    """The address of a heading inside a document, as most readers of Markdown make it of the heading's text."""
    return _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")


def link(text: str, heading: str) -> str:
    """A link to a heading of the same document."""
    return f"[{text}](#{anchor(heading)})"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown."""
    found = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*found, *(f"| {' | '.join(row)} |" for row in rows)]
