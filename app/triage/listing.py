"""The vocabulary as plain data: every fact that can be asked, with all that a form or a rule author looks up in it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from app.triage.checks import askable
from app.triage.facts import TABLE_PATHS, Fact, registry
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Section, Span
from app.triage.vocabulary.findings import SEGMENT_FINDINGS, VERTEBRA_FINDINGS
from app.triage.vocabulary.levels import LEVELS, is_segment
from app.triage.vocabulary.quantities import QUANTITIES
from app.triage.wire import Entry, entries, object_form, section_in, written

_NOT_SENT: dict[str, Any] = {
    "sent_as": None, "length": None, "quantity": None, "shapes": [], "ranges": {}, "list": None, "required": False,
}  # fmt: skip
_MISPLACED = {"vertebra": SEGMENT_FINDINGS, "segment": VERTEBRA_FINDINGS}
"""For each kind of level the findings that are not stated of it."""


def list_vocabulary() -> dict[str, Any]:
    """`{sections, lists, levels, quantities, screening_groups, facts, fields}`, JSON throughout.

    A fact's `name` is the one that notes and `not_known` use, and the path of its key in a body; a path through a
    list means a key of its objects. Its `rule_name` is how a rule says it, inside `same <table>` where it has a table.
    A derived fact is never sent: it is worked out from its `inputs`. `fields` are the keys of a body that no rule
    reads. How an answer is sent is described by `app.triage.wire.written`.
    """
    asked = askable()
    facts = [fact for table in registry().values() for fact in table.values()]
    names = {fact.full_name for fact in facts}
    keys = entries().values()
    return {
        "sections": [_section(name) for name in Consultation.model_fields if name != "not_known"],
        "lists": [_list(entry, entry.rows, asked) for entry in keys if entry.rows is not None],
        "levels": [
            {"kind": kind, "levels": [level for level in LEVELS if is_segment(level) == (kind == "segment")]}
            for kind in _MISPLACED
        ],
        "quantities": [
            {"quantity": kind.__name__, "says": _first_line(kind), "base_unit": unit, "range": _range((low, high))}
            | object_form(kind)
            for kind, (unit, low, high) in QUANTITIES.items()
        ],
        "screening_groups": list(_groups(facts)),
        "facts": [_fact(fact, asked) for fact in facts],
        "fields": [_field(entry) for entry in keys if entry.rows is None and entry.name not in names],
    }


def _fact(fact: Fact, asked: set[str]) -> dict[str, Any]:
    entry = entries().get(fact.full_name)
    # Of a list of values that a "no" stands in, the "no" stands alone.
    alone = fact.values[:1] if fact.kind == "some_of" and fact.said_no() is not None else []
    return {
        "name": fact.full_name,
        "rule_name": fact.name,
        "table": fact.table,
        "kind": fact.kind,
        **({"values": list(fact.values), **_NOT_SENT} if entry is None else _sent(entry)),
        "stands_for": {word: list(values) for word, values in fact.stands_for},
        "alone": list(alone),
        "unit": fact.unit,
        "hard_range": _range((fact.low, fact.high)) if fact.kind == "number" else None,
        "plausible_range": _range(fact.plausible),
        "label": fact.label,
        "question": fact.question or None,
        "screening_group": fact.group,
        "normal": _range(fact.normal),
        "belongs_to": _belongs_to(fact),
        "seen_on": list(fact.seen_on or ()),
        "ruled_out_on": list(fact.ruled_out_on or ()),
        "codes": [dict(zip(("system", "code"), code.rsplit("|", 1), strict=True)) for code in fact.codes],
        "derived": entry is None,
        "inputs": list(fact.inputs),
        "may_be_not_known": fact.table is None and fact.name in asked and not (entry and entry.field.is_required()),
    }


def _field(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "says": entry.field.description, **_sent(entry)}


def _sent(entry: Entry) -> dict[str, Any]:
    return {**written(entry.field), "list": entry.inside, "required": entry.field.is_required()}


def _section(name: str) -> dict[str, Any]:
    field = Consultation.model_fields[name]
    return {"section": name, "says": _first_line(section_in(field)), "required": field.is_required()}


def _list(entry: Entry, rows: type[Section], asked: set[str]) -> dict[str, Any]:
    table = next((table for table, path in TABLE_PATHS.items() if path == entry.name), None)
    return {
        "list": entry.name,
        "inside": entry.inside,
        "table": table,
        "says": _first_line(rows),
        "required": [key for key, field in rows.model_fields.items() if field.is_required()],
        "length": written(entry.field)["length"],
        "may_be_not_known": entry.name in asked,
    }


def _groups(facts: list[Fact]) -> Iterator[dict[str, Any]]:
    for fact in facts:
        section, _, group = fact.name.partition(".")
        if section == "screening":
            yield {
                "group": group,
                "label": fact.label,
                "question": fact.question,
                "answers": list(fact.values),
                "members": [member.full_name for member in facts if group in member.groups],
            }


def _belongs_to(fact: Fact) -> list[str]:
    """Which kinds of level a finding is stated of."""
    if fact.table != "level":
        return []
    return [kind for kind, findings in _MISPLACED.items() if fact.name.partition(".")[0] not in findings]


def _range(span: Span | None) -> dict[str, float | None] | None:
    return (
        None
        if span is None
        else {"at_least": span[0] if isfinite(span[0]) else None, "at_most": span[1] if isfinite(span[1]) else None}
    )


def _first_line(thing: type[Any] | None) -> str:
    return ((thing and thing.__doc__) or "").partition("\n")[0]
