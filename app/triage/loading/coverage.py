"""Which paragraph of the evidence became what, so that nothing is forgotten and no rule stands without one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.errors import RulebookFault
from app.triage.loading.fields import Fields, closest, nearest
from app.triage.loading.reference import entries
from app.triage.loading.tree import Node
from app.triage.rulebook import Coverage

_ID = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Covering:
    """What a paragraph may name, by kind. A name that stands in a file is known even where its entry has faults."""

    rules: Collection[str]
    parameters: Collection[str]
    scores: Collection[str]
    categories: Collection[str]
    techniques: Collection[str]


def read_coverage(root: Node | None, known: Covering, faults: list[RulebookFault]) -> dict[str, Coverage]:
    """The paragraphs, in the order of their files. Each names something of the rulebook, or says why it does not."""
    found: dict[str, Coverage] = {}
    for name, (node, fields) in entries(root, "paragraph", faults).items():
        if not _ID.fullmatch(name):
            faults.append(node.fault("bad-id", f"'{name}' is not the id of a paragraph", "such as 2.1b or 3.5.smoking"))
        before = len(faults)
        found[name] = Coverage(
            name,
            fields.spoken("title") or "",
            node.file,
            rules=_named(fields, "rules", known.rules, "unknown-rule"),
            parameters=_named(fields, "parameters", known.parameters, "unknown-parameter"),
            scores=_named(fields, "scores", known.scores, "unknown-score"),
            categories=_named(fields, "categories", known.categories, "unknown-category"),
            techniques=_named(fields, "techniques", known.techniques, "unknown-technique"),
            not_modelled=fields.spoken("not_modelled", required=False),
        )
        fields.done()
        if len(faults) == before and not found[name].came_to_something and found[name].not_modelled is None:
            problem = f"paragraph {name} names nothing and does not say why"
            remedy = "rules, parameters, scores, categories, techniques, or 'not_modelled:'"
            faults.append(node.fault("missing-key", problem, remedy))
    return found


def find_uncovered(rules: Mapping[str, Node], root: Node | None) -> Iterator[RulebookFault]:
    """A fault for each rule that no paragraph names; none while the paragraphs cannot be read.

    A rule that a mistyped name resembles counts as named: the mistake is reported there, and not again at the rule.
    """
    if root is None:
        return
    written = set(_rules_written(root))
    meant = {rule for name in written - rules.keys() for rule in closest(name, rules)}
    for name, node in rules.items():
        if name not in written | meant:
            yield node.fault("not-covered", f"no paragraph of coverage/ names rule '{name}'", "add it to one of them")


def _named(fields: Fields, key: str, known: Collection[str], code: str) -> tuple[str, ...]:
    found: list[str] = []
    for node in fields.words(key):
        if node.value not in known:
            problem = f"'{node.value}' is not among the {key}"
            fields.faults.append(node.fault(code, problem, nearest(node.value, known)))
        found.append(node.value)
    return tuple(found)


def _rules_written(root: Node) -> Iterator[str]:
    for entry in root.value:
        named = entry.value.get("rules") if isinstance(entry.value, dict) else None
        for node in () if named is None else named.value if isinstance(named.value, list) else (named,):
            if isinstance(node.value, str):
                yield node.value
