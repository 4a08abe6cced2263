"""YAML with line numbers, strictly: one document, plain mappings, lists and scalars, no duplicate keys.

No aliases, no tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from app.errors import RulebookFault


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
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(
            RulebookFault(file, line, "not-yaml", f"not readable as YAML: {error.problem}", "one YAML document")
        )
        return None
    except yaml.YAMLError as error:
        faults.append(
            RulebookFault(
                file, 1, "not-yaml", f"not readable as YAML: {error}", "one YAML document of printable characters"
            )
        )
        return None
    if root is None:
        faults.append(RulebookFault(file, 1, "not-yaml", "the file is empty", "one YAML document"))
        return None
    return _convert(root, file, faults, set())


def _convert(node: yaml.Node, file: str, faults: list[RulebookFault], above: set[int]) -> Node:
    line = node.start_mark.line + 1
    if id(node) in above:
        faults.append(RulebookFault(file, line, "not-yaml", "an alias points at its own parent", "write the value out"))
        return Node(None, line, file)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key, value in node.value:
            name, at = str(getattr(key, "value", "")), key.start_mark.line + 1
            if name in found:
                faults.append(
                    RulebookFault(file, at, "duplicate-key", f"'{name}' stands twice in one mapping", f"one '{name}'")
                )
            found[name] = _convert(value, file, faults, above | {id(node)})
        return Node(found, line, file)
    if isinstance(node, yaml.SequenceNode):
        return Node([_convert(item, file, faults, above | {id(node)}) for item in node.value], line, file)
    return Node(_scalar(node), line, file)


def _scalar(node: yaml.Node) -> Any:
    if node.tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}:
        try:
            return float(node.value) if "." in node.value or "e" in node.value.lower() else int(node.value)
        except ValueError:
            return str(node.value)
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in {"true", "yes", "on"}
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
