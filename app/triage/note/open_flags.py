"""The red flags that unasked screening groups keep open. On a fresh consultation they are most of a note and nearly always the same,
so what they say is worked out once for each pattern of open rules and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.triage.note.asking import Asking, Question, Questions, asked_facts
from app.triage.note.plan import NotePlan
from app.triage.rulebook import URGENCIES

PATTERNS_KEPT = 2048


@dataclass(frozen=True, slots=True)
class OpenFlags:
    """Flags not excluded, most urgent first, and for each question behind them its highest tier and the rules that wait for it."""

    entries: tuple[dict[str, Any], ...]
    tiers: dict[Question, int]
    affected: dict[Question, list[int]]


class OpenFlagReader:
    """Reads the open red flags of one rulebook."""

    def __init__(self, plan: NotePlan) -> None:
        self._plan = plan
        self._grouped = lru_cache(maxsize=PATTERNS_KEPT)(self._collect)
        self._is_flag = tuple(planned.tier is not None for planned in plan.rules)

    def read(self, undecided: list[tuple[int, int]], asking: Asking) -> OpenFlags:
        """The open flags of one judgement."""
        unasked = asking.unasked_bits
        grouped: list[tuple[int, Questions]] = []
        is_flag = self._is_flag
        single = False
        for index, bits in undecided:
            if is_flag[index]:
                hit = bits & unasked
                single = single or not hit
                grouped.append((index, asking.groups(hit) if hit else asking.singly(bits)))
        pattern = tuple(grouped)
        return self._collect(pattern) if single else self._grouped(pattern)

    def _collect(self, pattern: tuple[tuple[int, Questions], ...]) -> OpenFlags:
        by_tier: tuple[list[dict[str, Any]], ...] = tuple([] for _ in URGENCIES)
        tiers: dict[Question, int] = {}
        affected: dict[Question, list[int]] = {}
        for index, questions in pattern:
            planned = self._plan.rules[index]
            tier = planned.tier or 0
            by_tier[tier].append(planned.not_excluded | {"ask": asked_facts(questions)})
            for question in questions:
                tiers[question] = max(tiers.get(question, 0), tier)
                affected.setdefault(question, []).append(index)
        return OpenFlags(tuple(entry for tier in reversed(by_tier) for entry in tier), tiers, affected)
