"""Which categories could be discussed: what speaks for each, what against, what is not known. A status is a reading of the rules' truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.triage.judge import Judge, Judgement
from app.triage.note.asking import Asking, asked_facts
from app.triage.note.plan import CONTEXT, EMERGENCY, CategoryPlan, NotePlan, Role
from app.triage.note.reasons import reasons_for

ORDER = ("discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed", "not_supported")
AGAINST: tuple[Role, ...] = ("rules_out", "defers", "opposes")


@dataclass(slots=True)
class Verdict:
    """A category's entry with what the rest of the note needs from it."""

    plan: CategoryPlan
    entry: dict[str, Any]
    open_support: list[tuple[int, int]]
    weight: int


class Verdicts:
    """Judges every category that some rule speaks for, or may."""

    def __init__(self, judge: Judge, plan: NotePlan, judgement: Judgement, asking: Asking, at_least: int) -> None:
        self._judge, self._plan, self._judgement, self._asking, self._at_least = judge, plan, judgement, asking, at_least
        self._true = set(judgement.true)
        self._open = dict(judgement.undecided)
        self._suppressed = {c for index in judgement.true for c in plan.rules[index].rule.concludes.suppresses}

    def all(self) -> list[Verdict]:
        """Best supported first."""
        found = [verdict for category in self._plan.categories if (verdict := self._verdict(category)) is not None]
        found.sort(key=lambda v: (ORDER.index(v.entry["status"]), -v.weight, v.entry["kind"] != "procedure", v.entry["category"]))
        return found

    def _verdict(self, category: CategoryPlan) -> Verdict | None:
        rules, plans = category.rules, self._plan.rules
        supports = [index for index in rules["supports"] if index in self._true] if rules["supports"] else ()
        # An open red flag is listed as such; it does not make a pathway a topic yet.
        may = [index for index in rules["supports"] if index in self._open and plans[index].tier is None]
        if not supports and not may:
            return None
        levels: list[str] = []
        reasons = [self._reason(index, levels, certain=True) for index in supports]
        open_support: list[tuple[int, int]] = []
        for index in may:
            reason = self._reason(index, levels, certain=False)
            if any(fact["fact"] not in CONTEXT for fact in reason["facts"]):
                reason["ask"] = asked_facts(self._asking.about(self._open[index]))
                reasons.append(reason)
                open_support.append((index, self._open[index]))
        if not reasons:
            return None
        against = [self._reason(index, [], certain=True) for role in AGAINST for index in rules[role] if index in self._true]
        uncertainty = [self._reason(index, [], certain=True) for index in rules["uncertain"] if index in self._true]
        entry = category.entry | {
            "status": self._status(category, supports=bool(supports)),
            "levels": levels,
            "for": reasons,
            "against": against,
            "uncertainty": uncertainty,
            "ask": self._ask(category, open_support),
            "rules": [reason["rule"] for reason in (*reasons, *against, *uncertainty)],
        }
        return Verdict(category, entry, open_support, len(supports))

    def _status(self, category: CategoryPlan, *, supports: bool) -> str:
        def held(role: Role) -> bool:
            return any(index in self._true for index in category.rules[role])

        def possible(role: Role) -> bool:
            return any(index in self._open for index in category.rules[role])

        if category.entry["category"] in self._suppressed or (category.waits and self._at_least == EMERGENCY):
            return "suppressed"
        if held("rules_out"):
            return "not_supported"
        if not supports:
            return "needs_information"
        if held("defers"):
            return "deferred"
        if possible("defers") or possible("rules_out"):
            return "needs_information"
        return "discussable_with_uncertainty" if held("uncertain") or held("opposes") else "discussable"

    def _ask(self, category: CategoryPlan, open_support: list[tuple[int, int]]) -> list[str]:
        bits = 0
        for _, open_bits in open_support:
            bits |= open_bits
        for role in (*AGAINST, "uncertain"):
            for index in category.rules[role]:  # type: ignore[index]  # the four roles besides supports
                bits |= self._open.get(index, 0)
        return asked_facts(self._asking.about(bits))

    def _reason(self, index: int, levels: list[str], *, certain: bool) -> dict[str, Any]:
        rule = self._plan.rules[index].rule
        facts, at = reasons_for(self._judge, index, self._judgement)
        levels += [level for level in at if level not in levels]
        return {"text": rule.says, "facts": facts, "rule": rule.id, "certain": certain, "strength": rule.strength, "sources": list(rule.sources)}
