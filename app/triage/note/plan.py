"""What of a note never changes between consultations, worked out once per rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.triage.conditions import Condition, atoms
from app.triage.rulebook import URGENCIES, Category, Rule, Rulebook

Role = Literal["supports", "opposes", "defers", "rules_out", "uncertain"]
ROLES: tuple[Role, ...] = ("supports", "opposes", "defers", "rules_out", "uncertain")
EMERGENCY = len(URGENCIES) - 1
TIER_HOURS = {"emergency": 24.0, "urgent": 14 * 24.0, "soon": 42 * 24.0}
CONTEXT = ("complaint.regions", "patient.age", "patient.sex", "imaging.levels.level", "imaging.levels.region")


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule with its place in a note."""

    rule: Rule
    tier: int | None
    roles: tuple[tuple[str, Role], ...]
    groups: frozenset[str]
    not_excluded: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotePlan:
    """Plans of all rules, by index; `group_tier` is the highest urgency that a screening group's members can bring."""

    rules: tuple[RulePlan, ...]
    group_tier: dict[str, int]
    categories: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]


def plan_note(rulebook: Rulebook) -> NotePlan:
    """Work out everything that does not depend on a consultation."""
    rules = tuple(_plan(rule) for rule in rulebook.rules)
    group_tier: dict[str, int] = {}
    for plan in rules:
        for group in plan.groups:
            group_tier[group] = max(group_tier.get(group, 0), plan.tier or 0)
    sources = {
        source.id: {
            "id": source.id,
            "citation": source.citation,
            "year": source.year,
            "kind": source.kind,
            "strength": source.strength,
            "checked": source.checked,
            "identifier": source.identifier,
            "retracted": source.retracted,
        }
        for source in rulebook.sources.values()
    }
    return NotePlan(rules, group_tier, {c.id: _category(c) for c in rulebook.categories.values()}, sources)


def _plan(rule: Rule) -> RulePlan:
    concludes = rule.concludes
    roles = [(category, role) for role in ROLES for category in getattr(concludes, role)]
    if concludes.urgency == EMERGENCY and ("emergency_assessment", "supports") not in roles:
        roles.append(("emergency_assessment", "supports"))
    flag = {
        "rule": rule.id,
        "title": rule.title,
        "status": "not_excluded",
        "urgency": None if concludes.urgency is None else URGENCIES[concludes.urgency],
        "action": concludes.action,
        "because": [],
        "ask": [],
        "sources": list(rule.sources),
    }
    return RulePlan(rule, concludes.urgency, tuple(roles), _groups(rule.when), flag)


def _groups(condition: Condition) -> frozenset[str]:
    return frozenset(atom.fact.group for atom in atoms(condition) if atom.fact.group)


def _category(category: Category) -> dict[str, Any]:
    return {
        "category": category.id,
        "kind": category.kind,
        "title": category.title,
        "summary": category.summary,
        "techniques": [
            {
                "technique": technique.id,
                "title": technique.title,
                "summary": technique.summary,
                "known": [{"text": claim.text, "support": claim.support, "sources": list(claim.sources)} for claim in technique.known],
                "sources": list(technique.sources),
            }
            for technique in category.techniques
        ],
    }
