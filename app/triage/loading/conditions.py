"""From a `when` to a condition, with every name, type, value and unit checked.

A condition is a text (one atom, or the name of a definition) or one of
all: / any: / not: / at least 2 of: / same level: (deficit, surgery, course)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import RulebookFault
from app.triage.conditions import All, AnyOf, AtLeast, Condition, Not, Same
from app.triage.facts import TABLES, Fact, registry
from app.triage.loading.atoms import Atom, read_bound, read_membership, split_atom
from app.triage.loading.fields import closest, nearest
from app.triage.loading.tree import Node
from app.triage.rulebook import Parameter


@dataclass(frozen=True, slots=True)
class _Unread(AnyOf):
    """Stands where no condition could be read; unlike an empty `any`, it equals no other of its kind."""

    at: Node


class ConditionReader:
    """Reads conditions against the vocabulary, the rulebook's parameters, scores and definitions.

    A parameter that is None has faults of its own. `scores` is None when their file could not be read; then a name
    without a dot may be a score, and is not called unknown.
    """

    def __init__(
        self,
        parameters: Mapping[str, Parameter | None],
        scores: Mapping[str, Fact] | None,
        definitions: Mapping[str, Node],
        faults: list[RulebookFault],
    ) -> None:
        self._parameters, self._definitions, self._faults = parameters, definitions, faults
        self._scores, self._scores_open = scores or {}, scores is None
        self.defined: dict[str, Condition] = {}
        """The definitions read so far, each after those that it uses."""
        self._open: list[str] = []
        self._outer = False
        self.meant: set[str] = set()
        """Parameters and definitions that a mistyped name probably meant."""

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
            self._parts(node, table)
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
        if name not in self.defined:
            self._open.append(name)
            self.defined[name] = self.read(self._definitions[name])
            self._open.pop()
        return self.defined[name]

    def _fail(self, node: Node, code: str, problem: str, remedy: str) -> Condition:
        self._faults.append(node.fault(code, problem, remedy))
        return _Unread((), node)

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
        counted = re.fullmatch(r"at least (\d{1,3}) of", key)
        if key not in {"all", "any"} and counted is None:
            self._parts(inner, table)
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
        parts = self._parts(inner, table)
        if counted is not None:
            count = int(counted[1])
            if not 1 <= count <= len(parts):
                return self._fail(
                    inner, "out-of-range", f"'{key}' over {len(parts)} conditions", f"a count from 1 to {len(parts)}"
                )
            return AtLeast(count, parts)
        return All(parts) if key == "all" else AnyOf(parts)

    def _parts(self, node: Node, table: str | None) -> tuple[Condition, ...]:
        """Each condition of a list; also below a word that is wrong, so that all faults are reported at once."""
        outer, found = self._outer, list[Condition]()
        for item in node.value if isinstance(node.value, list) else ():
            part = self.read(item, table, outer=outer)
            if part in found:
                self._fail(item, "duplicate-part", "this condition stands twice in one list", "each condition once")
            found.append(part)
        return tuple(found)

    def _atom(self, text: str, node: Node, table: str | None) -> Condition:
        atom = split_atom(text)
        if atom is None:
            return self._fail(
                node,
                "bad-condition",
                f"'{text}' cannot be read",
                "a fact, then >=, >, <=, <, is, in or has, then a value",
            )
        if atom.limit is not None and atom.limit.startswith("$"):
            name = atom.limit[1:]
            self.meant |= closest(name, self._parameters)
            if name in self._parameters and self._parameters[name] is None:
                return _Unread((), node)
        if table is None and atom.bare and atom.name in self._definitions:
            return self.definition(atom.name)
        fact = registry()[table].get(atom.name) or self._scores.get(atom.name)
        if self._outer:
            fact = fact or registry()[None].get(atom.name)
        if fact is None or not (fact.table == table or (self._outer and fact.table is None)):
            return self._unknown(atom, node, table)

        def fail(code: str, problem: str, remedy: str) -> Condition:
            return self._fail(node, code, problem, remedy)

        if atom.comparison:
            return read_bound(fact, atom, self._parameters, fail)
        return read_membership(fact, atom, fail)

    def _unknown(self, atom: Atom, node: Node, table: str | None) -> Condition:
        name = atom.name
        rows = [row for row in TABLES if name in registry()[row]]
        rows += [fact.table for fact in self._scores.values() if fact.name == name and fact.table]
        what = f"'{name}' is not a fact" + (f" of a {table}" if table else " of the consultation" if rows else "")
        if rows:
            places = " or ".join(f"'same {row}:'" for row in rows)
            return self._fail(node, "unknown-fact", what, f"put it under {places}")
        if self._scores_open and "." not in name:
            return _Unread((), node)
        if table is None and "." not in name and atom.bare:
            self.meant |= closest(name, self._definitions)
            return self._fail(node, "unknown-definition", f"'{name}' is not defined", nearest(name, self._definitions))
        return self._fail(node, "unknown-fact", what, nearest(name, [*registry()[table], *self._scores]))
