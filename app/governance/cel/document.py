"""A rulebook's conditions as one JSON document that any engine for the Common Expression Language can run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from app.governance.cel.expressions import NEVER_KNOWN, ROW, UNLISTED, CelWriter
from app.triage.conditions import Condition, atoms
from app.triage.facts import TABLE_PATHS, TABLES, Fact
from app.triage.rulebook import Rulebook

_TYPES = {"yes_no": "bool", "one_of": "string", "some_of": "list(string)", "number": "double"}
_READING = f"""\
A fact is a variable. A fact that is not known, or known only as a range, is left out of its map.
An expression that is true or false says that the rule holds or does not. One that fails because a variable is missing \
leaves the rule undecided; that is never the same as false.
Definitions come first, in this order: one that has a value becomes a variable of its name, one that fails is left out.
Each list holds a map for every row that was reported, and '{UNLISTED}' has a list of the same name with what is known \
of rows that nobody reported; it is empty where there can be none.
The variable '{NEVER_KNOWN}' is always left out.
A score is worked out for each row of its list, called '{ROW}', and becomes a variable of that row, or of the whole \
where it has no list; one that fails is left out.
Numbers are doubles in the unit that stands beside them.
"""


def export_cel(book: Rulebook) -> dict[str, Any]:
    """`{rulebook, language, reading, variables, lists, definitions, scores, rules}`, JSON throughout.

    `reading` says in sentences how to run it. Variables are those that some expression reads.
    """
    writer = CelWriter(book.definitions)
    read = sorted(set(_facts(book)), key=lambda fact: (fact.table or "", fact.slot))
    return {
        "rulebook": book.described(),
        "language": "Common Expression Language",
        "reading": _READING.splitlines(),
        "variables": [_variable(fact) for fact in read if fact.table is None],
        "lists": [
            {
                "list": table,
                "in_a_body": TABLE_PATHS[table],
                "variables": [_variable(fact) for fact in read if fact.table == table],
            }
            for table in TABLES
        ],
        "definitions": [
            {"define": name, "expression": writer.written_out(when)} for name, when in book.definitions.items()
        ],
        "scores": [
            {"score": score.id, "list": score.table, "expression": writer.score(score)}
            for score in book.scores.values()
            if score.components
        ],
        "rules": [
            {"rule": rule.id, "says": rule.says, "expression": writer.condition(rule.when)} for rule in book.rules
        ],
    }


def _facts(book: Rulebook) -> Iterator[Fact]:
    for condition in _conditions(book):
        for atom in atoms(condition):
            if atom.fact.name not in book.scores:
                yield atom.fact


def _conditions(book: Rulebook) -> Iterable[Condition]:
    yield from (rule.when for rule in book.rules)
    yield from book.definitions.values()
    for score in book.scores.values():
        yield from (when for component in score.components for when, _ in component.options)


def _variable(fact: Fact) -> dict[str, Any]:
    entry: dict[str, Any] = {"variable": fact.name, "type": _TYPES[fact.kind], "says": fact.label}
    if fact.kind in {"one_of", "some_of"}:
        entry["values"] = list(fact.values)
    if fact.kind == "number":
        entry |= {"unit": fact.unit, "at_least": fact.low, "at_most": fact.high}
    return entry
