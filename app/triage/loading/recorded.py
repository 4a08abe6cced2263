"""Facts that are collected on purpose although no rule reads them. The list is optional: old rulebooks have none."""

from __future__ import annotations

from app.errors import RulebookFault
from app.triage.facts import registry
from app.triage.loading.fields import nearest
from app.triage.loading.reference import entries
from app.triage.loading.tree import Node
from app.triage.rulebook import Recorded


def read_recorded(root: Node | None, faults: list[RulebookFault]) -> dict[str, Recorded]:
    """The groups of such facts by id, each fact in one group at most."""
    names = {fact.full_name for facts in registry().values() for fact in facts.values()}
    found, places = dict[str, Recorded](), dict[str, str]()
    for group, (_, fields) in entries(root, "recorded", faults).items():
        facts: list[str] = []
        for node in fields.words("facts", required=True):
            if node.value not in names:
                # As a rule names it, without the list that it stands in.
                whole = [name for name in names if name.endswith(f".{node.value}")]
                remedy = f"did you mean '{whole[0]}'?" if whole else nearest(node.value, names)
                faults.append(node.fault("unknown-fact", f"'{node.value}' is not a fact", remedy))
            elif node.value in places:
                problem = f"'{node.value}' stands under '{places[node.value]}' already"
                faults.append(node.fault("duplicate-part", problem, "each fact once"))
            else:
                places[node.value] = group
                facts.append(node.value)
        found[group] = Recorded(group, tuple(facts), fields.spoken("because") or "")
        fields.done()
    return found
