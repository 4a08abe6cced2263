"""From knowledge files to a rulebook, or to every reason why not, at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from app.errors import RulebookFault, RulebookRefused
from app.triage.loading.conditions import ConditionReader
from app.triage.loading.coverage import Covering, find_uncovered, read_coverage
from app.triage.loading.fields import Fields
from app.triage.loading.kinds import HEAD, KINDS, RECORDED, gather, wrong_files
from app.triage.loading.recorded import read_recorded
from app.triage.loading.reference import entries, read_categories, read_parameters, read_source_list
from app.triage.loading.rules import RuleReader
from app.triage.loading.scores import read_scores, score_facts
from app.triage.loading.tree import Node, parse
from app.triage.loading.unused import find_unused
from app.triage.loading.words import check_words
from app.triage.rulebook import Rule, Rulebook

_UNKNOWN_WITHOUT = {
    "unknown-source": "sources",
    "unknown-category": "categories",
    "unknown-technique": "categories",
    "unknown-parameter": "parameters",
    "unknown-definition": "definitions",
    "unknown-score": "scores",
}
"""What every use of a list's entries would be called while it cannot be read; its own fault says enough."""


def digest_of(files: Mapping[str, str]) -> str:
    """SHA-256 over the names and texts of the files, in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(files):
        content = files[name].encode()
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def load_rulebook(files: Mapping[str, str], *, accounted: bool = True) -> Rulebook:
    """Read a rulebook from texts by relative path (`rules/…yaml` hold the rules).

    With `accounted=False` only what notes are made from is read and asked for: not the coverage, and neither developer
    nor funding. So is one read that was kept with its notes, or that an earlier release wrote.

    Raises RulebookRefused with every fault found.
    """
    faults: list[RulebookFault] = []
    trees = {name: parse(text, name, faults) for name, text in sorted(files.items())}
    faults += (fault for fault in wrong_files(files) if accounted or fault.file != "coverage.yaml")
    lists = {kind: gather(trees, kind, faults) for kind in KINDS}
    sources = read_source_list(lists["sources"], faults)
    categories = read_categories(lists["categories"], sources, faults)
    parameters = read_parameters(lists["parameters"], sources, faults)
    definitions = _definitions(lists["definitions"], faults)
    conditions = ConditionReader(parameters, score_facts(lists["scores"]), definitions, faults)
    for name in definitions:
        conditions.definition(name)
    scores = read_scores(lists["scores"], conditions, sources, faults)
    reader = RuleReader(conditions, categories, sources, faults)
    rules: list[Rule] = []
    rule_files = {name: tree for name, tree in trees.items() if name.startswith("rules/")}
    for tree in rule_files.values():
        if tree is not None:
            rules += reader.read_file(tree)
    techniques = {technique.id for category in categories.values() for technique in category.techniques}
    covering = Covering(reader.ids, parameters, scores, categories, techniques)
    coverage = read_coverage(lists["coverage"], covering, faults) if accounted else {}
    recorded = read_recorded(gather(trees, RECORDED, faults), faults)
    head = _head(trees.get(HEAD), faults, accounted=accounted)
    faults += find_unused(lists, rule_files, conditions.meant)
    if accounted:
        faults += find_uncovered(reader.ids, lists["coverage"])
    if faults:
        silent = {code for code, kind in _UNKNOWN_WITHOUT.items() if lists[kind] is None}
        if not rule_files or any(tree is None or not isinstance(tree.value, list) for tree in rule_files.values()):
            silent.add("unknown-rule")
        raise RulebookRefused([fault for fault in faults if fault.code not in silent])
    return Rulebook(
        version=head["version"],
        digest=digest_of(files),
        released=head["released"],
        safety_net=tuple(head["safety_net"].split("\n")),
        disclaimer=head["disclaimer"],
        rules=tuple(rules),
        categories=categories,
        sources=sources,
        parameters={name: parameter for name, parameter in parameters.items() if parameter is not None},
        scores=scores,
        files=dict(files),
        urgency_words={name: head[name] for name in ("routine", "soon", "urgent", "emergency")},
        coverage=coverage,
        developer=head["developer"],
        funding=head["funding"],
        definitions=dict(conditions.defined),
        recorded=recorded,
    )


def _definitions(root: Node | None, faults: list[RulebookFault]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, (_, fields) in entries(root, "define", faults).items():
        when = fields.take("when", required=True)
        fields.spoken("means")
        fields.done()
        if when is not None:
            found[name] = when
    return found


def _head(root: Node | None, faults: list[RulebookFault], *, accounted: bool) -> dict[str, str]:
    if root is None:
        return {}
    fields = Fields(root, "the rulebook", faults)
    head = {
        "version": fields.text("version") or "",
        "released": fields.day("released") or "",
        "disclaimer": fields.spoken("disclaimer") or "",
        "developer": fields.spoken("developer", required=accounted) or "",
        "funding": fields.spoken("funding", required=accounted) or "",
    }
    lines = fields.words("safety_net", required=True)
    for line in lines:
        check_words(line, line.value, faults)
    head["safety_net"] = "\n".join(line.value for line in lines)
    words = fields.take("urgencies", required=True)
    if words is not None:
        inner = Fields(words, "'urgencies'", faults)
        head |= {name: inner.spoken(name) or "" for name in ("routine", "soon", "urgent", "emergency")}
        inner.done()
    fields.done()
    return head
