"""From the text of a `when` to a condition, with every name, type, value and unit checked.

complaint.fever                      the fact is yes          complaint.gait is unsteady        one value
complaint.fever is no                the fact is no           complaint.gait in [spastic, unable]
complaint.leg_pain >= 4              a number                 complaint.gait not in [normal]
complaint.duration >= 12 weeks       with its unit            complaint.regions has lumbar
meyerding >= $slip_grade             a named parameter        complaint.bladder has any of [retention, hesitancy]
new_neurology                        a named definition
all: / any: / not: / at least 2 of: / same level: (deficit, surgery, course)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import RulebookFault
from app.triage.conditions import All, Among, AnyOf, AtLeast, Bound, Condition, Has, Not, Operator, Same
from app.triage.facts import TABLES, YES, Fact, registry
from app.triage.loading.fields import nearest
from app.triage.loading.tree import Node
from app.triage.rulebook import Parameter
from app.triage.vocabulary.quantities import DAYS_IN

_ATOM = re.compile(
    r"(?P<fact>[a-z][a-z0-9_.]*)"
    r"(?:\s+(?P<comparison>>=|<=|>|<)\s+(?P<limit>-?\d+(?:\.\d+)?|\$[a-z][a-z0-9_]*)(?:\s+(?P<unit>[A-Za-z/%0-9-]+))?"
    r"|\s+(?P<word>is not|is|has any of|has|not in|in)\s+(?P<values>\[[^\]]*\]|[A-Za-z0-9_-]+))?"
)
_FALSE = AnyOf(())


class ConditionReader:
    """Reads conditions against the vocabulary, the rulebook's parameters, scores and definitions."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        scores: Mapping[str, Fact],
        definitions: Mapping[str, Node],
        faults: list[RulebookFault],
    ) -> None:
        self._parameters, self._scores, self._definitions, self._faults = parameters, scores, definitions, faults
        self._read: dict[str, Condition] = {}
        self._open: list[str] = []
        self._outer = False
        self.used_parameters: set[str] = set()
        self.used_definitions: set[str] = set()

    def read(self, node: Node, table: str | None = None, *, outer: bool = False) -> Condition:
        """The condition at a node; where it cannot be read, the faults say why and the result must not be used.

        Inside a table, names are the table's; `outer` also allows those of the consultation (a score of a level may
        ask about pain).
        """
        self._outer = outer
        value = node.value
        if isinstance(value, str):
            return self._atom(value, node, table)
        if isinstance(value, dict) and len(value) == 1:
            ((key, inner),) = value.items()
            return self._shape(key, inner, node, table)
        if isinstance(value, list):
            return self._fail(node, "bad-condition", "a list is not a condition", "say 'all:' or 'any:' before it")
        return self._fail(
            node,
            "bad-condition",
            "not a condition",
            "a text such as 'complaint.leg_pain >= 4', or one of all, any, not, at least n of, same level",
        )

    def definition(self, name: str) -> Condition:
        """A named definition, read once."""
        if name in self._open:
            path = " -> ".join([*self._open[self._open.index(name) :], name])
            return self._fail(
                self._definitions[name],
                "cycle",
                f"'{name}' is defined by itself: {path}",
                "a definition that does not lead back to itself",
            )
        if name not in self._read:
            self._open.append(name)
            self._read[name] = self.read(self._definitions[name])
            self._open.pop()
        return self._read[name]

    def _fail(self, node: Node, code: str, problem: str, remedy: str) -> Condition:
        self._faults.append(node.fault(code, problem, remedy))
        return _FALSE

    def _shape(self, key: str, inner: Node, node: Node, table: str | None) -> Condition:
        if key == "not":
            return Not(self.read(inner, table, outer=self._outer))
        if key.startswith("same "):
            row = key.removeprefix("same ")
            if row not in TABLES:
                return self._fail(node, "bad-condition", f"there is no '{key}:'", nearest(row, TABLES))
            if table is not None:
                return self._fail(
                    node, "bad-condition", "'same' stands inside another 'same'", "one row condition at a time"
                )
            return Same(row, self.read(inner, row))
        counted = re.fullmatch(r"at least (\d+) of", key)
        if key not in {"all", "any"} and counted is None:
            return self._fail(
                node,
                "bad-condition",
                f"'{key}:' is not a way to combine conditions",
                nearest(key, ["all", "any", "not", "at least 2 of", "same level"]),
            )
        if not isinstance(inner.value, list) or not inner.value:
            return self._fail(
                inner,
                "bad-condition",
                f"'{key}:' has no list of conditions",
                "at least one condition, each on a line with '- '",
            )
        outer = self._outer
        parts = tuple(self.read(part, table, outer=outer) for part in inner.value)
        if counted is not None:
            count = int(counted[1])
            if not 1 <= count <= len(parts):
                return self._fail(
                    inner, "out-of-range", f"'{key}' over {len(parts)} conditions", f"a count from 1 to {len(parts)}"
                )
            return AtLeast(count, parts)
        return All(parts) if key == "all" else AnyOf(parts)

    def _atom(self, text: str, node: Node, table: str | None) -> Condition:
        match = _ATOM.fullmatch(text.strip())
        if match is None:
            return self._fail(
                node,
                "bad-condition",
                f"'{text}' cannot be read",
                "a fact, then >=, >, <=, <, is, in or has, then a value",
            )
        name = match["fact"]
        if table is None and name in self._definitions and match["word"] is None and match["comparison"] is None:
            self.used_definitions.add(name)
            return self.definition(name)
        fact = (
            registry()[table].get(name)
            or self._scores.get(name)
            or (registry()[None].get(name) if self._outer else None)
        )
        if fact is None or fact.table not in {table, None}:
            if table is None and "." not in name and match["word"] is None and match["comparison"] is None:
                return self._fail(
                    node, "unknown-definition", f"'{name}' is not defined", nearest(name, self._definitions)
                )
            known = [*registry()[table], *self._scores]
            return self._fail(
                node,
                "unknown-fact",
                f"'{name}' is not a fact" + (f" of a {table}" if table else ""),
                nearest(name, known),
            )
        if match["comparison"]:
            return self._bound(fact, match, node)
        return self._membership(fact, match["word"], match["values"], node)

    def _bound(self, fact: Fact, match: re.Match[str], node: Node) -> Condition:
        if fact.kind != "number":
            return self._fail(node, "type-mismatch", f"'{fact.name}' is not a number ({fact.kind})", "is, in or has")
        text, unit = match["limit"], match["unit"]
        if text.startswith("$"):
            parameter = self._parameters.get(text[1:])
            if parameter is None:
                return self._fail(
                    node, "unknown-parameter", f"'{text}' is not a parameter", nearest(text[1:], self._parameters)
                )
            self.used_parameters.add(parameter.id)
            limit, unit = parameter.value, parameter.unit
        else:
            limit = float(text)
        if fact.unit == "days" and unit != "days":
            if unit not in DAYS_IN:
                return self._fail(
                    node,
                    "wrong-unit",
                    f"'{fact.name}' is a length of time, and '{unit or 'no unit'}' is not a unit of it",
                    f"one of {', '.join(DAYS_IN)}",
                )
            limit *= DAYS_IN[unit]
        elif unit is not None and unit != fact.unit:
            return self._fail(
                node,
                "wrong-unit",
                f"'{fact.name}' is in {fact.unit or 'no unit'}, not in {unit}",
                f"a number in {fact.unit}",
            )
        if not fact.low <= limit <= fact.high:
            return self._fail(
                node,
                "out-of-range",
                f"{limit:g} is outside the range of '{fact.name}'",
                f"{fact.low:g} to {fact.high:g} {fact.unit or ''}".strip(),
            )
        operator: Any = match["comparison"]
        checked: Operator = operator
        return Bound(fact, checked, limit)

    def _membership(self, fact: Fact, word: str | None, text: str | None, node: Node) -> Condition:
        if fact.kind == "number":
            return self._fail(node, "type-mismatch", f"'{fact.name}' is a number", "compare it with >=, >, <= or <")
        if word is None or text is None:
            if fact.kind != "yes_no":
                return self._fail(
                    node,
                    "type-mismatch",
                    f"'{fact.name}' alone says nothing ({fact.kind})",
                    f"a value: {', '.join(fact.values[:8])}",
                )
            return Among(fact, YES)
        values = [value.strip() for value in text.strip("[]").split(",") if value.strip()]
        unknown = [value for value in values if value not in fact.values]
        if unknown or not values:
            return self._fail(
                node,
                "unknown-value",
                f"'{', '.join(unknown) or text}' is not a value of '{fact.name}'",
                nearest(unknown[0] if unknown else "", fact.values),
            )
        mask = fact.mask(values)
        if (fact.kind == "some_of") != word.startswith("has"):
            return self._fail(
                node,
                "type-mismatch",
                f"'{word}' does not fit '{fact.name}' ({fact.kind})",
                "'has' for a list of values, 'is' or 'in' for one value",
            )
        if (text.startswith("[")) != (word in {"in", "not in", "has any of"}):
            return self._fail(
                node,
                "bad-condition",
                f"'{word}' does not fit '{text}'",
                "'is x', 'in [x, y]', 'has x', 'has any of [x, y]'",
            )
        if fact.kind == "some_of":
            return Has(fact, mask)
        return Among(fact, fact.everything & ~mask if "not" in word else mask)
