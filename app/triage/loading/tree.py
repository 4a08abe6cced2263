"""YAML with line numbers, strictly: one document, plain mappings, lists and scalars, no duplicate keys.

No aliases, no tags. The tree is built from the parser's events, so that an alias is seen as one and never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from app.errors import RulebookFault

DEEPEST = 40
"""Levels of nesting that are read; real rules have about ten."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line it stands on (from 1). Mappings hold nodes, and lists hold nodes."""

    value: Any
    line: int
    file: str

    def fault(self, code: str, problem: str, remedy: str) -> RulebookFault:
        """A fault at this place."""
        return RulebookFault(self.file, self.line, code, problem, remedy)


def parse(text: str, file: str, faults: list[RulebookFault]) -> Node | None:
    """One file's tree, or None with the reason among the faults."""
    try:
        return _Builder(text, file, faults).build()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem, remedy = f"not readable as YAML: {error.problem}", "one YAML document"
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        line, problem, remedy = 1, f"not readable as YAML: {error}", "one YAML document of printable characters"
    faults.append(RulebookFault(file, line, "not-yaml", problem, remedy))
    return None


class _Builder:
    """Turns the events of one file into nodes."""

    def __init__(self, text: str, file: str, faults: list[RulebookFault]) -> None:
        self._loader: Any = yaml.CSafeLoader(text)
        self._file, self._faults = file, faults
        self._partial = False

    def build(self) -> Node | None:
        """The root; None when the file is empty, or when aliases or a second document leave the tree incomplete."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._fail(0, "not-yaml", "the file is empty", "one YAML document")
            return None
        root = self._node(self._next(), 1)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._partial = True
            self._fail(after.start_mark.line, "not-yaml", "a second document begins here", "one YAML document")
        return None if self._partial else root

    def _next(self) -> Any:
        return self._loader.get_event()

    def _fail(self, line: int, code: str, problem: str, remedy: str) -> None:
        self._faults.append(RulebookFault(self._file, line + 1, code, problem, remedy))

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line
        if isinstance(event, yaml.AliasEvent):
            self._partial = True
            self._fail(line, "not-plain", f"the alias '*{event.anchor}' borrows a value", "write the value out")
            return Node(None, line + 1, self._file)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"nested more than {DEEPEST} deep", problem_mark=event.start_mark)
        if event.tag is not None:
            self._fail(line, "not-plain", f"the tag '{event.tag}' stands before a value", "the value without a tag")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(depth), line + 1, self._file)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                items.append(self._node(item, depth + 1))
            return Node(items, line + 1, self._file)
        return Node(self._scalar(event), line + 1, self._file)

    def _mapping(self, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line
            self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if not isinstance(event, yaml.ScalarEvent):
                if not isinstance(event, yaml.AliasEvent):
                    self._fail(line, "not-plain", "a key is a list or a mapping", "a word before ':'")
                continue
            name = str(event.value)
            if name in found:
                self._fail(line, "duplicate-key", f"'{name}' stands twice in one mapping", f"one '{name}'")
            found[name] = value
        return found

    def _scalar(self, event: Any) -> Any:
        text, tag = str(event.value), self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}:
            try:
                return float(text) if "." in text or "e" in text.lower() else int(text)
            except ValueError:
                return text
        if tag == "tag:yaml.org,2002:bool":
            return text.lower() in {"true", "yes", "on"}
        return None if tag == "tag:yaml.org,2002:null" else text
