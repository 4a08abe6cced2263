"""Scores: bands of a number, or tables that are summed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

from app.errors import RulebookFault
from app.triage.conditions import Condition, atoms
from app.triage.facts import TABLES, Fact, blank, registry
from app.triage.loading.conditions import ConditionReader
from app.triage.loading.fields import Fields, nearest
from app.triage.loading.reference import entries, read_sources
from app.triage.loading.tree import Node
from app.triage.rulebook import Band, Component, Score, Source

MOST_POINTS = 100
"""Beyond this, points are a slip of the pen."""


def score_facts(root: Node | None) -> dict[str, Fact] | None:
    """The number facts that summed scores add to the vocabulary, known before their conditions are read.

    None when the file could not be read, so that nobody knows which names are scores.
    """
    if root is None or not isinstance(root.value, list):
        return None
    found: dict[str, Fact] = {}
    next_slot = {table: len(blank(table)) for table in (None, *TABLES)}
    for node in root.value:
        value = node.value if isinstance(node.value, dict) else {}
        name, table = (
            value["score"].value if "score" in value else None,
            value["table"].value if "table" in value else None,
        )
        if "sum" in value and isinstance(name, str) and (table is None or (isinstance(table, str) and table in TABLES)):
            low, high = _reach(value["sum"])
            title = value["title"].value if "title" in value else None
            label = title if isinstance(title, str) else name
            found[name] = Fact(
                name, table, "number", low=low, high=high, unit="points", label=label, slot=next_slot[table]
            )
            next_slot[table] += 2
    return found


def _reach(components: Node) -> tuple[float, float]:
    """The smallest and the largest total, as far as the points can be read."""
    low = high = 0.0
    for component in components.value if isinstance(components.value, list) else ():
        options = component.value.get("options") if isinstance(component.value, dict) else None
        rows = options.value if options is not None and isinstance(options.value, list) else ()
        values = [row.value["points"].value for row in rows if isinstance(row.value, dict) and "points" in row.value]
        points = [value for value in values if isinstance(value, int | float) and abs(value) <= MOST_POINTS]
        low, high = low + min(points, default=0), high + max(points, default=0)
    return low, high


def read_scores(
    root: Node | None, conditions: ConditionReader, sources: Mapping[str, Source], faults: list[RulebookFault]
) -> dict[str, Score]:
    """Bands of a number, or tables that are summed."""
    facts, found = score_facts(root) or {}, dict[str, Score]()
    for name, (node, fields) in entries(root, "score", faults).items():
        before = len(faults)
        title, of = fields.spoken("title") or "", fields.take("of")
        table = fields.choice("table", TABLES, required=False)
        measured = _measured(fields, table) if of is not None else None
        when = fields.take("only_when")
        only_when = conditions.read(when, table, outer=True) if when is not None else None
        not_modelled = fields.spoken("not_modelled", required=False)
        components = tuple(_component(item, conditions, table, faults) for item in fields.items("sum"))
        if (of is None) == (not components):
            faults.append(
                node.fault("missing-key", f"score {name} has both or neither of 'of' and 'sum'", "one of them")
            )
        if components and name in registry()[table]:
            faults.append(node.fault("duplicate-id", f"'{name}' is a fact already", "a name that is no fact"))
        faults += _not_yet_known(node, name, components, set(facts) - set(found))
        bands = [_band(item, name, faults) for item in fields.items("bands", required=True)]
        score = Score(
            name,
            title,
            table,
            measured.name if measured else None,
            components,
            tuple(band for _, band in bands),
            read_sources(fields, sources, faults),
            only_when,
            not_modelled,
        )
        fields.done()
        if len(faults) == before:
            span = (measured.low, measured.high) if measured else (score.low, score.high)
            faults += _band_faults(node, bands, span)
        found[name] = score
    return found


def _measured(fields: Fields, table: str | None) -> Fact | None:
    """The number that a score without a sum is a reading of."""
    name, known = fields.text("of"), registry()[table]
    if name is None:
        return None
    fact = known.get(name)
    if fact is None:
        problem = f"'{name}' is not a fact" + (f" of a {table}" if table else "")
        fields.faults.append(fields.node.fault("unknown-fact", problem, nearest(name, known)))
    elif fact.kind != "number":
        fields.faults.append(
            fields.node.fault("type-mismatch", f"'{name}' is not a number ({fact.kind})", "a fact that is a number")
        )
    return fact


def _not_yet_known(
    node: Node, name: str, components: tuple[Component, ...], later: set[str]
) -> Iterator[RulebookFault]:
    """Scores are worked out in the order of the file, so none may count on itself or on a later one."""
    conditions = [when for component in components for when, _ in component.options]
    for needed in sorted({atom.fact.name for when in conditions for atom in atoms(when)} & later):
        yield node.fault(
            "cycle", f"score {name} counts on '{needed}', not known before it", "an earlier score, or none"
        )


def _component(node: Node, conditions: ConditionReader, table: str | None, faults: list[RulebookFault]) -> Component:
    fields = Fields(node, "a component", faults)
    name = fields.spoken("component") or ""
    options: list[tuple[Condition, float]] = []
    for item in fields.items("options", required=True):
        option = Fields(item, f"an option of {name}", faults)
        when, points = option.take("when", required=True), option.number("points", low=-MOST_POINTS, high=MOST_POINTS)
        if when is not None:
            options.append((conditions.read(when, table, outer=True), points or 0.0))
        option.done()
    fields.done()
    return Component(name, tuple(options))


def _band(node: Node, score: str, faults: list[RulebookFault]) -> tuple[Node, Band]:
    fields = Fields(node, f"a band of {score}", faults)
    name = fields.spoken("band") or ""
    low, high = fields.number("from", required=False), fields.number("to", required=False)
    fields.done()
    return node, Band(name, -math.inf if low is None else low, math.inf if high is None else high)


def _band_faults(node: Node, bands: list[tuple[Node, Band]], span: tuple[float, float]) -> Iterator[RulebookFault]:
    """Bands that end before they begin, share a value, or leave a value of the score without a name."""
    bands = sorted(bands, key=lambda pair: (pair[1].low, pair[1].high))
    turned = [(at, band) for at, band in bands if band.low > band.high]
    for at, band in turned:
        yield at.fault("out-of-range", f"band '{band.name}' ends before it begins", "'from:' not above 'to:'")
    if turned:
        return
    for (_, before), (at, band) in pairwise(bands):
        if band.low <= before.high:
            problem = f"band '{band.name}' begins inside band '{before.name}'"
            yield at.fault("out-of-range", problem, f"'from:' above {before.high:g}")
    if bands[0][1].low > span[0] or bands[-1][1].high < span[1]:
        yield node.fault("out-of-range", "the bands leave out a part of the score", f"{span[0]:g} to {span[1]:g}")
