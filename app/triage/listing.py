"""The vocabulary as plain data: every fact that can be asked, with all that a form or a rule author looks up in it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any, get_args

from pydantic import BaseModel

from app.triage.checks import askable
from app.triage.facts import TABLES, Fact, registry
from app.triage.note.reasons import TABLE_PATHS
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Span
from app.triage.vocabulary.imaging import Report
from app.triage.vocabulary.quantities import QUANTITIES


def list_vocabulary() -> dict[str, Any]:
    """`{sections, tables, quantities, screening_groups, facts}`, JSON throughout.

    A fact's `name` is the one that notes and `not_known` use; its `rule_name` is how a rule says it, inside
    `same <table>` where it has a table. A derived fact is never sent: it is worked out from its `inputs`.
    """
    by_table = registry()
    asked = askable()
    facts = [_fact(fact, asked) for table in by_table.values() for fact in table.values()]
    return {
        "sections": [
            {"section": name, "says": _says(field.annotation)}
            for name, field in Consultation.model_fields.items()
            if name != "not_known"
        ],
        "tables": [
            {"table": table, "path": TABLE_PATHS[table], "says": _first_line(model)} for table, model in TABLES.items()
        ],
        "quantities": [
            {"quantity": kind.__name__, "says": _first_line(kind), "base_unit": unit, "range": _range((low, high))}
            for kind, (unit, low, high) in QUANTITIES.items()
        ],
        "screening_groups": list(_groups(facts)),
        "facts": facts,
    }


def full_name(fact: Fact) -> str:
    """The name of a fact in notes: with the path of its table, if it has one."""
    return fact.name if fact.table is None else f"{TABLE_PATHS[fact.table]}.{fact.name}"


def _fact(fact: Fact, asked: set[str]) -> dict[str, Any]:
    quantity = _quantity(fact)
    return {
        "name": full_name(fact),
        "rule_name": fact.name,
        "table": fact.table,
        "kind": fact.kind,
        "values": list(fact.values),
        "unit": fact.unit,
        "quantity": quantity,
        "hard_range": _range((fact.low, fact.high)) if fact.kind == "number" else None,
        "plausible_range": _range(fact.plausible),
        "label": fact.label,
        "question": fact.question or None,
        "screening_group": fact.group,
        "normal": _range(fact.normal),
        "seen_on": list(fact.seen_on or ()),
        "ruled_out_on": list(fact.ruled_out_on or ()),
        "codes": [dict(zip(("system", "code"), code.rsplit("|", 1), strict=True)) for code in fact.codes],
        "derived": _field(fact) is None,
        "inputs": list(fact.inputs),
        "may_be_not_known": fact.table is None and fact.name in asked,
    }


def _groups(facts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for fact in facts:
        section, _, group = fact["name"].partition(".")
        if section == "screening":
            members = [member["name"] for member in facts if member["screening_group"] == group]
            yield {
                "group": group,
                "label": fact["label"],
                "question": fact["question"],
                "answers": fact["values"],
                "members": members,
            }


def _range(span: Span | None) -> dict[str, float | None] | None:
    return (
        None
        if span is None
        else {"at_least": span[0] if isfinite(span[0]) else None, "at_most": span[1] if isfinite(span[1]) else None}
    )


def _quantity(fact: Fact) -> str | None:
    """The kind of quantity that the value is sent as, an object with its unit; None for a plain value."""
    return next((kind.__name__ for kind in _classes(_field(fact)) if kind in QUANTITIES), None)


def _field(fact: Fact) -> Any:
    """The annotation that a fact was declared with, or None if it is worked out."""
    root: Any = Consultation if fact.table is None else TABLES[fact.table]
    steps = fact.name.split(".")
    if fact.table is None and steps[0] == "imaging":
        root, steps = Report, steps[1:]
    for step in steps:
        model = next((kind for kind in _classes(root) if issubclass(kind, BaseModel)), None)
        field = None if model is None else model.model_fields.get(step)
        if field is None:
            return None
        root = field.annotation
    return root


def _classes(annotation: Any) -> Iterator[type[Any]]:
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _says(annotation: Any) -> str:
    return _first_line(next(kind for kind in _classes(annotation) if issubclass(kind, BaseModel)))


def _first_line(thing: type[Any]) -> str:
    return (thing.__doc__ or "").partition("\n")[0]
