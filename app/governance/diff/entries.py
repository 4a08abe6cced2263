"""The entries of a rulebook as its files have them: what they say, and how their authors wrote it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from app.triage.loading.kinds import HEAD
from app.triage.rulebook import Rulebook

HEAD_KIND = "rulebook"


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule, parameter, source, …: its fields as values, and each field's text without the indentation around it."""

    kind: str
    id: str
    file: str
    line: int
    fields: Mapping[str, Any]
    written: Mapping[str, str]


def read_entries(book: Rulebook) -> dict[tuple[str, str], Entry]:
    """Every entry by kind and id, in the order of the files; the head is one entry too."""
    found: dict[tuple[str, str], Entry] = {}
    for file, text in book.files.items():
        for entry in _entries(file, text):
            found[entry.kind, entry.id] = entry
    return found


def _entries(file: str, text: str) -> Iterator[Entry]:
    lines, plain = text.split("\n"), yaml.load(text, Loader=yaml.CSafeLoader)
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)  # a loaded rulebook: a mapping, or a list of mappings
    if file == HEAD:
        yield Entry(HEAD_KIND, HEAD, file, 1, plain, _fields(root, lines))
        return
    for node, fields in zip(root.value, plain, strict=True):
        # An entry begins with what it is and its id: `- rule: lumbar.fusion.unstable-slip`.
        kind = next(key for key in fields if key in _KINDS)
        yield Entry(kind, str(fields[kind]), file, node.start_mark.line + 1, fields, _fields(node, lines))


_KINDS = ("rule", "parameter", "category", "score", "source", "define", "recorded", "paragraph")


def _fields(node: yaml.MappingNode, lines: list[str]) -> dict[str, str]:
    return {key.value: _written(value, lines) for key, value in node.value}


def _written(value: yaml.Node, lines: list[str]) -> str:
    start, end = value.start_mark, value.end_mark
    written = [*lines[start.line : end.line], lines[end.line][: end.column] if end.line < len(lines) else ""]
    written[0] = " " * start.column + written[0][start.column :]
    while written and (not written[-1].strip() or written[-1].lstrip().startswith("#")):
        written.pop()
    return textwrap.dedent("\n".join(written))
