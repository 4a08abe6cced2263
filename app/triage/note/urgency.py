"""How soon: an interval from the rules that are true to the rules that are not false, and the red flags behind it."""

from __future__ import annotations

import math
from typing import Any

from app.triage.judge import Judge, Judgement
from app.triage.note.plan import TIER_HOURS, NotePlan
from app.triage.note.reading import Reading
from app.triage.note.reasons import FactsByRule
from app.triage.rulebook import URGENCIES


def held_open(plan: NotePlan, judgement: Judgement) -> int:
    """A group answered "some" keeps its urgency possible, even where every member was then answered "no".

    The worse reading counts.
    """
    known = judgement.known
    contradicted = {d["fact"] for d in known.disagreements if d["kind"] == "screening_some"}
    tiers = [
        plan.group_tier.get(group, 0)
        for group, answer in known.screened.items()
        if answer == "some" and f"screening.{group}" in contradicted
    ]
    return max(tiers, default=0)


def urgency(judge: Judge, plan: NotePlan, judgement: Judgement, reading: Reading) -> dict[str, Any]:
    """`{at_least, at_most, settled, act_within}`.

    `act_within` is the strictest time among the true rules of that tier.
    """
    low, high = reading.at_least, max(reading.at_most, held_open(plan, judgement))
    name = URGENCIES[low]
    times = [(TIER_HOURS[name], judge.rulebook.urgency_words[name])] if name in TIER_HOURS else []
    for index in judgement.true:
        within = plan.rules[index].rule.concludes.within
        if within is not None and plan.rules[index].tier == low:
            times.append((within.hours, within.text))
    hours, text = min(times, default=(None, judge.rulebook.urgency_words[name]))
    return {
        "at_least": name,
        "at_most": URGENCIES[high],
        "settled": low == high,
        "act_within": {"hours": hours, "text": text},
    }


def present_flags(plan: NotePlan, judgement: Judgement, facts: FactsByRule) -> list[dict[str, Any]]:
    """The red flags that are present, most urgent and soonest first."""
    present: list[tuple[int, float, dict[str, Any]]] = []
    for index in judgement.true:
        planned = plan.rules[index]
        if planned.tier is None:
            continue
        rule = planned.rule
        because = [
            {
                "text": rule.says,
                "facts": facts[index][0],
                "rule": rule.id,
                "recalled": rule.recalled,
                "sources": list(rule.sources),
            }
        ]
        hours = (
            rule.concludes.within.hours if rule.concludes.within else TIER_HOURS.get(URGENCIES[planned.tier], math.inf)
        )
        present.append(
            (
                -planned.tier,
                hours,
                planned.not_excluded
                | {"status": "present", "action": rule.concludes.action, "because": because, "strength": rule.strength},
            )
        )
    present.sort(key=lambda flag: flag[:2])
    return [flag for *_, flag in present]
