"""Which categories could be discussed: what speaks for each, what against, what is not known.

A status is a reading of the rules' truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.triage.note.asking import Asking, asked_facts
from app.triage.note.pattern import Pattern
from app.triage.note.plan import EMERGENCY, CategoryPlan, NotePlan, Role
from app.triage.note.reasons import FactsByRule

ORDER = ("discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed", "not_supported")
LIVE = frozenset(ORDER[:4])
AGAINST: tuple[Role, ...] = ("rules_out", "defers", "opposes")
BESIDE: tuple[Role, ...] = (*AGAINST, "uncertain")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one category, the quoted values left aside: rule indices by where they are shown."""

    plan: CategoryPlan
    status: str
    ask: list[str]
    supports: tuple[int, ...]
    open_supports: tuple[tuple[int, int, list[str]], ...]
    against: tuple[int, ...]
    uncertain: tuple[int, ...]

    @property
    def category(self) -> str:
        """The category's id."""
        return str(self.plan.entry["category"])

    @property
    def procedure(self) -> bool:
        """Whether it is a procedure rather than a pathway."""
        return bool(self.plan.entry["kind"] == "procedure")


def verdicts(plan: NotePlan, pattern: Pattern, asking: Asking, at_least: int) -> list[Verdict]:
    """Every category that some true or anchored rule speaks for, best supported first."""
    true, undecided = set(pattern.true), dict(pattern.undecided)
    heard = [*pattern.true, *pattern.anchored]
    spoken_for = {category for index in heard for category, role in plan.rules[index].roles if role == "supports"}
    suppressed = {category for index in true for category in plan.rules[index].rule.concludes.suppresses}
    found: list[Verdict] = []
    for category in plan.categories:
        name = str(category.entry["category"])
        if name not in spoken_for:
            continue
        rules = category.rules
        supports = tuple(index for index in rules["supports"] if index in true)
        anchored = [index for index in rules["supports"] if index in pattern.anchored]
        blocked = name in suppressed or (category.waits and at_least == EMERGENCY)
        status = _status(category, true, undecided, supported=bool(supports), blocked=blocked)
        bits = 0
        for index in (*anchored, *(index for role in BESIDE for index in rules[role])):
            bits |= undecided.get(index, 0)
        open_supports = tuple(
            (index, undecided[index], asked_facts(asking.about(undecided[index]))) for index in anchored
        )
        against = tuple(index for role in AGAINST for index in rules[role] if index in true)
        uncertain = tuple(index for index in rules["uncertain"] if index in true)
        found.append(
            Verdict(category, status, asked_facts(asking.about(bits)), supports, open_supports, against, uncertain)
        )
    found.sort(key=lambda v: (ORDER.index(v.status), -len(v.supports), not v.procedure, v.category))
    return found


def _status(
    category: CategoryPlan, true: set[int], undecided: dict[int, int], *, supported: bool, blocked: bool
) -> str:
    def held(role: Role) -> bool:
        return any(index in true for index in category.rules[role])

    def possible(role: Role) -> bool:
        return any(index in undecided for index in category.rules[role])

    if blocked:
        return "suppressed"
    if held("rules_out"):
        return "not_supported"
    if not supported:
        return "needs_information"
    if held("defers"):
        return "deferred"
    if possible("defers") or possible("rules_out"):
        return "needs_information"
    return "discussable_with_uncertainty" if held("uncertain") or held("opposes") else "discussable"


class Reasons:
    """Reasons of one consultation, by rule: each is made once, however many categories share it."""

    def __init__(self, plan: NotePlan, facts: FactsByRule) -> None:
        self._plan, self._facts = plan, facts

    def entry(self, verdict: Verdict) -> dict[str, Any]:
        """A category as a note shows it."""
        levels: dict[str, None] = {}
        for index in (*verdict.supports, *(index for index, _, _ in verdict.open_supports)):
            levels.update(dict.fromkeys(self._facts[index][1]))
        speaking = [self._reason(index, certain=True) for index in verdict.supports]
        speaking += [self._reason(index, certain=False) | {"ask": ask} for index, _, ask in verdict.open_supports]
        against = [self._reason(index, certain=True) for index in verdict.against]
        uncertainty = [self._reason(index, certain=True) for index in verdict.uncertain]
        return verdict.plan.entry | {
            "status": verdict.status,
            "levels": list(levels),
            "for": speaking,
            "against": against,
            "uncertainty": uncertainty,
            "ask": verdict.ask,
            "rules": [reason["rule"] for reason in (*speaking, *against, *uncertainty)],
        }

    def _reason(self, index: int, *, certain: bool) -> dict[str, Any]:
        planned = self._plan.rules[index]
        rule = planned.rule
        return {
            "text": rule.says,
            "facts": self._facts[index][0],
            "rule": rule.id,
            "certain": certain,
            "strength": rule.strength,
            "recalled": rule.recalled,
            "sources": planned.sources,
        }
