"""Everything in a rulebook that is not a rule: sources, categories, parameters, scores."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from app.errors import RulebookFault
from app.triage.facts import TABLES, Fact, blank, registry
from app.triage.loading.conditions import ConditionReader
from app.triage.loading.fields import Fields, nearest
from app.triage.loading.rules import check_words, read_sources
from app.triage.loading.tree import Node
from app.triage.rulebook import Band, Category, Claim, Component, Parameter, Score, Source, Technique

_KINDS = (
    "guideline",
    "trial",
    "review",
    "observational",
    "case_series",
    "case_report",
    "textbook",
    "payer_policy",
    "reference_page",
    "panel",
    "design",
)
_SUPPORT = ("well_supported", "non_randomised", "mixed", "not_supported", "uncertain")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def entries(root: Node | None, key: str, faults: list[RulebookFault]) -> dict[str, tuple[Node, Fields]]:
    """The mappings of a list by their id, which stands under `key`; ids are unique."""
    found: dict[str, tuple[Node, Fields]] = {}
    if root is None:
        return found
    if not isinstance(root.value, list):
        faults.append(root.fault("wrong-type", "the file is not a list", f"a list, each entry with '- {key}: id'"))
        return found
    for node in root.value:
        fields = Fields(node, f"a {key}", faults)
        name = fields.text(key)
        if name is None:
            continue
        fields.what = f"{key} {name}"
        if name in found:
            faults.append(
                node.fault(
                    "duplicate-id",
                    f"{key} '{name}' stands already on line {found[name][0].line}",
                    f"one {key} for each id",
                )
            )
        found.setdefault(name, (node, fields))
    return found


def read_source_list(root: Node | None, faults: list[RulebookFault]) -> dict[str, Source]:
    """sources.yaml."""
    found: dict[str, Source] = {}
    for name, (node, fields) in entries(root, "source", faults).items():
        year = fields.number("year", required=False)
        reviewed = fields.text("reviewed_on") or ""
        if reviewed and not _DATE.fullmatch(reviewed):
            faults.append(
                node.fault("wrong-type", f"'reviewed_on' of source {name} is not a date", "a date such as 2026-11-22")
            )
        checked: Any = fields.choice("checked", ("verified", "second_hand", "recalled"))
        strength: Any = fields.choice("strength", ("strong", "moderate", "weak", "expert", "design"))
        citation, kind = fields.text("citation") or "", fields.choice("kind", _KINDS) or ""
        found[name] = Source(
            name,
            citation,
            int(year) if year else None,
            kind,
            strength,
            checked,
            reviewed,
            fields.text("identifier", required=False),
            fields.flag("retracted"),
        )
        fields.done()
    return found


def read_categories(
    root: Node | None, sources: Mapping[str, Source], faults: list[RulebookFault], used: set[str]
) -> dict[str, Category]:
    """categories.yaml."""
    found: dict[str, Category] = {}
    for name, (node, fields) in entries(root, "category", faults).items():
        kind: Any = fields.choice("kind", ("procedure", "pathway"))
        title, summary = fields.text("title") or "", fields.text("summary") or ""
        check_words(node, summary, faults)
        techniques = tuple(_technique(item, sources, faults, used) for item in fields.items("techniques"))
        found[name] = Category(name, kind, title, summary, techniques, fields.flag("for_wear"), fields.flag("elective"))
        fields.done()
    return found


def _technique(node: Node, sources: Mapping[str, Source], faults: list[RulebookFault], used: set[str]) -> Technique:
    fields = Fields(node, "a technique", faults)
    name = fields.text("technique") or ""
    fields.what = f"technique {name}"
    claims: list[Claim] = []
    for item in fields.items("known"):
        claim = Fields(item, f"a claim of {name}", faults)
        support: Any = claim.choice("support", _SUPPORT)
        text = claim.text("text") or ""
        check_words(item, text, faults)
        claims.append(Claim(text, support, read_sources(claim, sources, faults, used)))
        claim.done()
    title, summary = fields.text("title") or "", fields.text("summary") or ""
    technique = Technique(name, title, summary, tuple(claims), read_sources(fields, sources, faults, used))
    fields.done()
    return technique


def read_parameters(
    root: Node | None, sources: Mapping[str, Source], faults: list[RulebookFault], used: set[str]
) -> dict[str, Parameter]:
    """parameters.yaml: the numbers that sources dispute."""
    found: dict[str, Parameter] = {}
    for name, (_, fields) in entries(root, "parameter", faults).items():
        value, unit, means = fields.number("value"), fields.text("unit") or "", fields.text("means") or ""
        others: list[tuple[str, float]] = []
        for item in fields.items("others"):
            other = Fields(item, f"another value of {name}", faults)
            number = other.number("value")
            others += [(source, float(number or 0)) for source in read_sources(other, sources, faults, used)]
            other.done()
        found[name] = Parameter(
            name, float(value or 0), unit, means, read_sources(fields, sources, faults, used), tuple(others)
        )
        fields.done()
    return found


def score_facts(root: Node | None) -> dict[str, Fact]:
    """The number facts that summed scores add to the vocabulary, known before their conditions are read."""
    found: dict[str, Fact] = {}
    next_slot = {table: len(blank(table)) for table in (None, *TABLES)}
    for node in root.value if root is not None and isinstance(root.value, list) else ():
        value = node.value if isinstance(node.value, dict) else {}
        if "sum" in value and "score" in value and isinstance(value["score"].value, str):
            name = value["score"].value
            table = value["table"].value if "table" in value else None
            if table in next_slot:
                found[name] = Fact(
                    name, table, "number", low=0, high=100, unit="points", label=name, slot=next_slot[table]
                )
                next_slot[table] += 2
    return found


def read_scores(
    root: Node | None,
    conditions: ConditionReader,
    sources: Mapping[str, Source],
    faults: list[RulebookFault],
    used: set[str],
) -> dict[str, Score]:
    """scores.yaml: bands of a number, or tables that are summed."""
    found: dict[str, Score] = {}
    for name, (node, fields) in entries(root, "score", faults).items():
        title, of = fields.text("title") or "", fields.text("of", required=False)
        table = fields.choice("table", TABLES, required=False)
        if of is not None and of not in registry()[table]:
            faults.append(node.fault("unknown-fact", f"'{of}' is not a fact", nearest(of, registry()[table])))
        when = fields.take("only_when")
        only_when = conditions.read(when, table) if when is not None else None
        components = tuple(_component(item, conditions, table, faults) for item in fields.items("sum"))
        if (of is None) == (not components):
            faults.append(
                node.fault("missing-key", f"score {name} has both or neither of 'of' and 'sum'", "one of them")
            )
        bands = tuple(_band(item, name, faults) for item in fields.items("bands", required=True))
        found[name] = Score(
            name, title, table, of, components, bands, read_sources(fields, sources, faults, used), only_when
        )
        fields.done()
    return found


def _component(node: Node, conditions: ConditionReader, table: str | None, faults: list[RulebookFault]) -> Component:
    fields = Fields(node, "a component", faults)
    name = fields.text("component") or ""
    options = []
    for item in fields.items("options", required=True):
        option = Fields(item, f"an option of {name}", faults)
        when, points = option.take("when", required=True), option.number("points")
        if when is not None:
            options.append((conditions.read(when, table, outer=True), float(points or 0)))
        option.done()
    fields.done()
    return Component(name, tuple(options))


def _band(node: Node, score: str, faults: list[RulebookFault]) -> Band:
    fields = Fields(node, f"a band of {score}", faults)
    name = fields.text("band") or ""
    low, high = fields.number("from", required=False), fields.number("to", required=False)
    fields.done()
    return Band(name, -math.inf if low is None else float(low), math.inf if high is None else float(high))
