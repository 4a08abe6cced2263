"""Where things stand: entries of a rulebook in its files, and facts in the vocabulary's."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from app.governance.hygiene.finding import Place
from app.triage.facts import Fact
from app.triage.loading.kinds import is_of
from app.triage.loading.tree import Node, parse
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Section

_APP = Path(inspect.getfile(Consultation)).parents[2]


class Places:
    """The files of one rulebook as trees of nodes, each of which knows its line."""

    def __init__(self, book: Rulebook) -> None:
        self.trees: dict[str, Node] = {}
        for file, text in book.files.items():
            tree = parse(text, file, [])
            if tree is not None:
                self.trees[file] = tree

    def entries(self, kind: str, key: str) -> Iterator[tuple[str, Node]]:
        """(id, entry) of every entry of a kind of list, its id under `key`."""
        for file, tree in self.trees.items():
            if is_of(kind, file):
                yield from ((node.value[key].value, node) for node in tree.value)

    def statements(self) -> Iterator[tuple[str, Node]]:
        """(what it is called, its node) of everything that carries sources of its own."""
        for file, tree in self.trees.items():
            if isinstance(tree.value, list):
                for node in tree.value:
                    yield from _cited(node, _name(node, file))


def _name(node: Node, file: str) -> str:
    """An entry's kind and id, which are its first key and that key's value."""
    kind, named = next(iter(node.value.items()))
    return f"{kind} {named.value}" if isinstance(named.value, str) else file


def _cited(node: Node, name: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, dict):
        if "sources" in node.value:
            yield name, node
        for key, inner in node.value.items():
            if key in {"techniques", "known", "others"}:
                for item in inner.value if isinstance(inner.value, list) else [inner]:
                    yield from _cited(item, name)


def place_of(node: Node) -> Place:
    """The place of a node."""
    return Place(node.file, node.line)


@cache
def place_in_vocabulary(fact: Fact) -> Place:
    """Where the vocabulary declares a fact; a derived one, where its list of derived facts stands."""
    name = fact.full_name
    model: Any = Consultation
    *path, last = name.split(".")
    for part in path:
        field = model.model_fields.get(part)
        model = None if field is None else _section(field.annotation)
        if model is None:
            break
    owners = [] if model is None else [owner for owner in model.__mro__ if issubclass(owner, Section)]
    for owner in owners:
        lines, first = inspect.getsourcelines(owner)
        for line, text in enumerate(lines, start=first):
            if re.match(rf" +{last}\s*:", text):
                return Place(_below_app(inspect.getfile(owner)), line, packaged=True)
    return Place("triage/facts.py", 1, packaged=True)


def _below_app(file: str) -> str:
    return Path(file).relative_to(_APP).as_posix()


def _section(annotation: Any) -> type[Section] | None:
    """The section inside an annotation: below Annotated, unions and lists."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, Section) else None
    return next((found for arm in get_args(annotation) if (found := _section(arm)) is not None), None)
