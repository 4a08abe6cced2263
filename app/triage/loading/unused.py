"""Parameters and definitions that no condition names: dead knowledge, which nobody would notice going stale."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from app.errors import RulebookFault
from app.triage.loading.tree import Node


def find_unused(
    lists: Mapping[str, Node | None], rules: Mapping[str, Node | None], meant: Collection[str]
) -> Iterator[RulebookFault]:
    """A fault for each parameter and definition without a use; none while a file that could use them is unreadable.

    A name counts as used wherever it stands as a value, even under a mistyped key, and so does one in `meant` (what a
    mistyped name resembles): the mistake is reported there, and not again here.
    """
    using = [*rules.values(), lists["definitions"], lists["scores"]]
    if not rules or not all(tree is not None and isinstance(tree.value, list) for tree in using):
        return
    words = {word for tree in using if tree is not None for word in _words(tree)}
    for name, node in _entries(lists["parameters"], "parameter"):
        if f"${name}" not in words and name not in meant:
            yield node.fault("unused", f"no condition names '${name}'", "a condition with it, or no such parameter")
    for name, node in _entries(lists["definitions"], "define"):
        if name not in words and name not in meant:
            yield node.fault("unused", f"no condition names '{name}'", "a condition with it, or no such definition")


def _entries(root: Node | None, key: str) -> Iterator[tuple[str, Node]]:
    for node in root.value if root is not None and isinstance(root.value, list) else ():
        named = node.value.get(key) if isinstance(node.value, dict) else None
        if named is not None and isinstance(named.value, str):
            yield named.value, node


def _words(node: Node) -> Iterator[str]:
    """Each text that stands as a value (but not as the name of an entry), and each `$name` inside one."""
    if isinstance(node.value, str):
        text = node.value.strip()
        yield text
        yield from (word for word in text.split() if word.startswith("$"))
    inner = (
        node.value.items()
        if isinstance(node.value, dict)
        else enumerate(node.value if isinstance(node.value, list) else ())
    )
    for key, part in inner:
        if key != "define":
            yield from _words(part)
