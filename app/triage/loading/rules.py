"""Rules and what they conclude."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.errors import RulebookFault
from app.triage.conditions import Condition, atoms
from app.triage.loading.conditions import ConditionReader
from app.triage.loading.fields import Fields, nearest
from app.triage.loading.reference import read_sources
from app.triage.loading.tree import Node
from app.triage.rulebook import URGENCIES, Category, Conclusions, Rule, Source, Within

_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+")
_STRENGTHS = ("strong", "moderate", "weak", "expert", "design")
LONGEST_HOURS = 6 * 7 * 24
"""The longest urgency with a time is about six weeks; a stricter one lies within it."""
_CATEGORY_LISTS = ("supports", "opposes", "defers", "rules_out", "uncertain", "suppresses")


class RuleReader:
    """Reads the rule files in order and keeps ids unique across them."""

    def __init__(
        self,
        conditions: ConditionReader,
        categories: Mapping[str, Category],
        sources: Mapping[str, Source],
        faults: list[RulebookFault],
    ) -> None:
        self._conditions, self._categories, self._sources, self._faults = (
            conditions,
            categories,
            sources,
            faults,
        )
        self.ids: dict[str, Node] = {}
        """Each rule by its id as written, also where the rest of it has faults."""

    def read_file(self, root: Node) -> Iterable[Rule]:
        """Every rule of one file that could be read."""
        if not isinstance(root.value, list):
            self._faults.append(
                root.fault("wrong-type", "a rule file is not a list", "a list of rules, each with '- rule: id'")
            )
            return
        for node in root.value:
            rule = self._rule(node)
            if rule is not None:
                yield rule

    def _rule(self, node: Node) -> Rule | None:
        before = len(self._faults)
        fields = Fields(node, "a rule", self._faults)
        id_node = fields.take("rule", required=True)
        name = fields.text("rule", required=False) or ""
        fields.what = f"rule {name}" if name else "a rule"
        if id_node is not None and name:
            self._check_id(id_node, name)
        title, says = fields.spoken("title", required=False), fields.spoken("says") or ""
        when = fields.take("when", required=True)
        condition = self._conditions.read(when) if when is not None else None
        concluded = fields.take("concludes", required=True)
        conclusions = self._conclusions(concluded) if concluded is not None else Conclusions()
        strength: Any = fields.choice("strength", _STRENGTHS)
        sources = read_sources(fields, self._sources, self._faults)
        not_modelled = fields.spoken("not_modelled", required=False)
        recalled, shown_from = fields.flag("recalled"), self._shown_from(fields, condition)
        fields.done()
        if conclusions.urgency is not None and not (title and conclusions.action):
            self._faults.append(
                node.fault(
                    "missing-key",
                    f"red flag {name} has no title or action",
                    "a 'title:' beside it and an 'action:' under 'concludes:'",
                )
            )
        if len(self._faults) > before or condition is None:
            return None
        return Rule(
            name,
            title or "",
            says,
            condition,
            conclusions,
            strength,
            sources,
            node.file,
            node.line,
            not_modelled,
            recalled,
            shown_from,
        )

    def _shown_from(self, fields: Fields, condition: Condition | None) -> tuple[str, ...]:
        """`level`, `imaging`, or facts that the condition reads: an undecided statement waits for one of them."""
        read = {atom.fact.name for atom in atoms(condition) if atom.fact.table is None} if condition else set()
        found = fields.words("shown_from")
        for node in found:
            if condition is not None and node.value not in {"level", "imaging", *read}:
                self._faults.append(
                    node.fault(
                        "unknown-value",
                        f"'{node.value}' is no fact that the 'when' of {fields.what} reads",
                        nearest(node.value, ["level", "imaging", *sorted(read)]),
                    )
                )
        return tuple(node.value for node in found)

    def _check_id(self, node: Node, name: str) -> None:
        if not _ID.fullmatch(name):
            self._faults.append(
                node.fault("bad-id", f"'{name}' is not a dotted id", "such as lumbar.fusion.unstable-slip")
            )
        if name in self.ids:
            first = self.ids[name]
            self._faults.append(
                node.fault(
                    "duplicate-id", f"rule '{name}' stands already at {first.file}:{first.line}", "one rule for each id"
                )
            )
        self.ids.setdefault(name, node)

    def _conclusions(self, node: Node) -> Conclusions:
        before = len(self._faults)
        fields = Fields(node, "'concludes'", self._faults)
        lists = {key: self._category_ids(fields, key) for key in _CATEGORY_LISTS}
        urgency: Any = fields.choice("urgency", URGENCIES, required=False)
        within_node = fields.take("within")
        action = fields.spoken("action", required=False)
        conclusions = Conclusions(
            urgency=URGENCIES.index(urgency) if urgency else None,
            within=self._within(within_node) if within_node is not None else None,
            action=action,
            imaging=fields.spoken("imaging", required=False),
            consideration=fields.flag("consideration"),
            contradiction=fields.flag("contradiction"),
            **lists,
        )
        fields.done()
        if len(self._faults) == before and not any(part.value for part in node.value.values()):
            self._faults.append(
                node.fault(
                    "missing-key",
                    "'concludes' concludes nothing",
                    f"one of urgency, {', '.join(_CATEGORY_LISTS)}, imaging, consideration, contradiction",
                )
            )
        return conclusions

    def _within(self, node: Node) -> Within:
        fields = Fields(node, "'within'", self._faults)
        hours, text = fields.number("hours", low=0, high=LONGEST_HOURS), fields.spoken("text")
        fields.done()
        return Within(hours or 0.0, text or "")

    def _category_ids(self, fields: Fields, key: str) -> tuple[str, ...]:
        found: list[str] = []
        for node in fields.words(key):
            if node.value in self._categories:
                found.append(node.value)
            elif key == "suppresses" and node.value in {"all_procedures", "procedures_for_wear"}:
                found += [
                    c.id
                    for c in self._categories.values()
                    if c.kind == "procedure" and (c.for_wear or node.value == "all_procedures")
                ]
            else:
                self._faults.append(
                    node.fault(
                        "unknown-category",
                        f"'{node.value}' is not among the categories",
                        nearest(node.value, self._categories),
                    )
                )
        return tuple(dict.fromkeys(found))
