"""Which files a rulebook has: one head, rules by presentation, and six kinds of lists, each a file or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.errors import RulebookFault
from app.triage.loading.fields import nearest
from app.triage.loading.tree import Node

HEAD = "rulebook.yaml"
KINDS = ("sources", "categories", "parameters", "definitions", "scores", "coverage")
"""Kinds of lists beside the rules: `kind.yaml`, or any files below `kind/`, or both."""
RECORDED = "recorded"
"""A list in the same way, which a rulebook may do without."""


def is_of(kind: str, file: str) -> bool:
    """Whether a file holds entries of a kind."""
    return file == f"{kind}.yaml" or file.startswith(f"{kind}/")


def gather(trees: Mapping[str, Node | None], kind: str, faults: list[RulebookFault]) -> Node | None:
    """All entries of a kind as one list, in the order of the file names; None if any of its files cannot be read."""
    roots = [tree for file, tree in trees.items() if is_of(kind, file)]
    lists = [root for root in roots if root is not None and isinstance(root.value, list)]
    others = [root for root in roots if root is not None and not isinstance(root.value, list)]
    faults += [root.fault("wrong-type", "the file is not a list", f"a list of {kind}") for root in others]
    if len(lists) < len(roots) or not lists:
        return None
    return Node([entry for root in lists for entry in root.value], lists[0].line, lists[0].file)


def wrong_files(files: Mapping[str, str]) -> Iterator[RulebookFault]:
    """Files that a rulebook needs and are not there, and files that are no part of one."""
    whole = f"a rulebook has {HEAD}, rules/*.yaml, and {', '.join(f'{kind}.yaml' for kind in KINDS)} or folders of them"
    for name in (HEAD, *(f"{kind}.yaml" for kind in KINDS)):
        if name not in files and not any(is_of(name.removesuffix(".yaml"), file) for file in files):
            yield RulebookFault(name, 1, "missing-file", "the file is not there", whole)
    if not any(name.startswith("rules/") for name in files):
        yield RulebookFault("rules/", 1, "missing-file", "there is no file with rules", whole)
    for name in files:
        if name != HEAD and not name.startswith("rules/") and not any(is_of(kind, name) for kind in (*KINDS, RECORDED)):
            remedy = nearest(name, (HEAD, *(f"{kind}.yaml" for kind in (*KINDS, RECORDED))))
            yield RulebookFault(name, 1, "unknown-file", "the file is not part of a rulebook", remedy)
