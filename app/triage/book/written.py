"""What the files of a rulebook say and the loaded rulebook no longer knows: conditions as written, and headings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import yaml

from app.triage.loading.kinds import is_of
from app.triage.loading.tree import Node, parse


def heading(file: str, files: Mapping[str, str]) -> str:
    """What a file is about: the comment on its first line, or its name where there is none."""
    first = files[file].partition("\n")[0]
    if first.startswith("#"):
        return first.lstrip("# ").rstrip(" .")
    return file.rpartition("/")[2].removesuffix(".yaml").replace("_", " ").capitalize()


def entry_nodes(kind: str, files: Mapping[str, str]) -> Iterator[Node]:
    """The entries of a kind (`rules`, or one of the lists) of a loaded rulebook, in the order of their files."""
    for file, text in files.items():
        root = parse(text, file, []) if is_of(kind, file) else None
        yield from () if root is None else root.value


def listed(node: Node) -> list[Node]:
    """The parts of a list; a single value stands for a list of one."""
    return node.value if isinstance(node.value, list) else [node]


def written_conditions(text: str) -> Iterator[tuple[int, str]]:
    """For each entry of a file: the line it stands on, and its condition as written there, without indentation."""
    lines = text.split("\n")
    for node in written_entries(text):
        for key, value in node.value:
            if key.value == "when":
                start, end = value.start_mark, value.end_mark
                written = [
                    *lines[start.line : end.line],
                    lines[end.line][: end.column] if end.line < len(lines) else "",
                ]
                written[0] = " " * start.column + written[0][start.column :]
                while written and (not written[-1].strip() or written[-1].lstrip().startswith("#")):
                    written.pop()
                yield node.start_mark.line + 1, textwrap.dedent("\n".join(written))


def written_entries(text: str) -> Iterator[yaml.MappingNode]:
    """The entries of a file, as YAML nodes with their marks."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader) if text else None
    for node in root.value if isinstance(root, yaml.SequenceNode) else ():
        if isinstance(node, yaml.MappingNode):
            yield node
