"""What of a note never changes between consultations, worked out once per rulebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson

from app.triage.conditions import Condition, atoms
from app.triage.rulebook import URGENCIES, Category, Rule, Rulebook, Source

Role = Literal["supports", "opposes", "defers", "rules_out", "uncertain"]
ROLES: tuple[Role, ...] = ("supports", "opposes", "defers", "rules_out", "uncertain")
EMERGENCY = len(URGENCIES) - 1
TIER_HOURS = {"emergency": 24.0, "urgent": 14 * 24.0, "soon": 42 * 24.0}
CONTEXT = frozenset(
    {"complaint.regions", "patient.age", "patient.sex", "imaging.levels.level", "imaging.levels.region"}
)


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A rule with its place in a note."""

    rule: Rule
    tier: int | None
    roles: tuple[tuple[str, Role], ...]
    groups: frozenset[str]
    not_excluded: dict[str, Any]
    sources: list[str]
    source_bits: int


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """A category with the rules that speak about it, by role. `waits` while an emergency stands."""

    entry: dict[str, Any]
    waits: bool
    rules: dict[Role, tuple[int, ...]]
    source_bits: int


@dataclass(frozen=True, slots=True)
class NotePlan:
    """Plans of all rules, by index; `sources` in the order of their bits.

    `group_tier` is the highest urgency that a screening group's members can bring. `open_supports` are the rules that
    speak for a category while they are undecided: an open red flag is listed as such, and makes no pathway a topic yet.
    """

    rules: tuple[RulePlan, ...]
    tiers: tuple[int, ...]
    group_tier: dict[str, int]
    open_supports: frozenset[int]
    categories: tuple[CategoryPlan, ...]
    sources: tuple[dict[str, Any], ...]
    score_bits: dict[str, int]
    sources_of: Callable[[int], tuple[dict[str, Any], ...]]
    sources_json: Callable[[int], bytes]


def plan_note(rulebook: Rulebook) -> NotePlan:
    """Work out everything that does not depend on a consultation."""
    sources = tuple(_source(rulebook.sources[name]) for name in sorted(rulebook.sources))
    bit_of = {source["id"]: 1 << number for number, source in enumerate(sources)}
    rules = tuple(_plan(rule, bit_of) for rule in rulebook.rules)
    group_tier: dict[str, int] = {}
    for plan in rules:
        for group in plan.groups:
            group_tier[group] = max(group_tier.get(group, 0), plan.tier or 0)
    tiers = tuple(plan.tier or 0 for plan in rules)
    open_supports = frozenset(
        index
        for index, plan in enumerate(rules)
        if plan.tier is None and any(role == "supports" for _, role in plan.roles)
    )
    categories = tuple(_category(category, rules, bit_of) for category in rulebook.categories.values())
    score_bits = {score.id: _bits(score.sources, bit_of) for score in rulebook.scores.values()}

    @lru_cache(maxsize=4096)
    def sources_of(bits: int) -> tuple[dict[str, Any], ...]:
        return tuple(source for number, source in enumerate(sources) if bits >> number & 1)

    @lru_cache(maxsize=4096)
    def sources_json(bits: int) -> bytes:
        return orjson.dumps(sources_of(bits))

    return NotePlan(rules, tiers, group_tier, open_supports, categories, sources, score_bits, sources_of, sources_json)


def _source(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "citation": source.citation,
        "year": source.year,
        "kind": source.kind,
        "strength": source.strength,
        "checked": source.checked,
        "identifier": source.identifier,
        "retracted": source.retracted,
    }


def _bits(names: Iterable[str], bit_of: dict[str, int]) -> int:
    total = 0
    for name in names:
        total |= bit_of[name]
    return total


def _plan(rule: Rule, bit_of: dict[str, int]) -> RulePlan:
    concludes = rule.concludes
    roles = [(category, role) for role in ROLES for category in getattr(concludes, role)]
    if concludes.urgency == EMERGENCY and ("emergency_assessment", "supports") not in roles:
        roles.append(("emergency_assessment", "supports"))
    urgency = None if concludes.urgency is None else URGENCIES[concludes.urgency]
    flag = {
        "rule": rule.id,
        "title": rule.title,
        "status": "not_excluded",
        "urgency": urgency,
        "action": None,
        "because": [],
        "ask": [],
        "sources": list(rule.sources),
    }
    return RulePlan(
        rule,
        concludes.urgency,
        tuple(roles),
        _groups(rule.when),
        flag,
        list(rule.sources),
        _bits(rule.sources, bit_of),
    )


def _groups(condition: Condition) -> frozenset[str]:
    return frozenset(group for atom in atoms(condition) for group in atom.fact.groups)


def _category(category: Category, rules: tuple[RulePlan, ...], bit_of: dict[str, int]) -> CategoryPlan:
    by_role: dict[Role, tuple[int, ...]] = {
        role: tuple(index for index, plan in enumerate(rules) if (category.id, role) in plan.roles) for role in ROLES
    }
    techniques = [
        {
            "technique": technique.id,
            "title": technique.title,
            "summary": technique.summary,
            "known": [
                {
                    "text": claim.text,
                    "support": claim.support,
                    "recalled": claim.recalled,
                    "sources": list(claim.sources),
                }
                for claim in technique.known
            ],
            "sources": list(technique.sources),
        }
        for technique in category.techniques
    ]
    entry = {
        "category": category.id,
        "kind": category.kind,
        "title": category.title,
        "summary": category.summary,
        "techniques": techniques,
    }
    names = [
        name
        for technique in category.techniques
        for sources in (technique.sources, *(c.sources for c in technique.known))
        for name in sources
    ]
    return CategoryPlan(entry, category.kind == "procedure" or category.elective, by_role, _bits(names, bit_of))
