"""The red flags that are not excluded, and the questions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.triage.note.asking import Asking, Question
from app.triage.note.pattern import Pattern
from app.triage.note.plan import NotePlan
from app.triage.rulebook import URGENCIES


@dataclass(frozen=True, slots=True)
class OpenFlags:
    """Flags not excluded, most urgent first; for each question behind them, its highest tier and the waiting rules."""

    entries: tuple[dict[str, Any], ...]
    tiers: dict[Question, int]
    affected: dict[Question, list[str]]


def open_flags(plan: NotePlan, pattern: Pattern, asking: Asking) -> OpenFlags:
    """The open red flags of one pattern."""
    by_tier: tuple[list[dict[str, Any]], ...] = tuple([] for _ in URGENCIES)
    tiers: dict[Question, int] = {}
    affected: dict[Question, list[str]] = {}
    for index, bits in pattern.undecided:
        planned = plan.rules[index]
        if planned.tier is None:
            continue
        questions = asking.about_flag(bits)
        by_tier[planned.tier].append(asking.flag(index, planned.not_excluded, questions))
        for question in questions:
            tiers[question] = max(tiers.get(question, 0), planned.tier)
            affected.setdefault(question, []).append(planned.rule.id)
    return OpenFlags(tuple(entry for tier in reversed(by_tier) for entry in tier), tiers, affected)
