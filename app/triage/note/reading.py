"""What follows from a pattern alone: open flags, statuses, questions, missing imaging, sources.

Worked out once for each pattern and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from app.triage.note.asking import Asking, AskPlan
from app.triage.note.categories import Verdict, verdicts
from app.triage.note.open_flags import open_flags
from app.triage.note.pattern import Pattern
from app.triage.note.plan import NotePlan
from app.triage.note.questions import missing_imaging, questions

PATTERNS_KEPT = 2048


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts of a note that quote no value. Shared between notes, so never changed.

    The two largest are also kept as JSON: the entries of `flags` without their brackets, and `questions`.
    """

    at_least: int
    at_most: int
    flags: tuple[dict[str, Any], ...]
    verdicts: tuple[Verdict, ...]
    questions: list[dict[str, Any]]
    imaging: list[dict[str, Any]]
    source_bits: int
    flags_json: bytes
    questions_json: bytes


class Reader:
    """Reads patterns against one rulebook."""

    def __init__(self, plan: NotePlan, ask_plan: AskPlan) -> None:
        self._plan, self._ask_plan = plan, ask_plan
        self.read = lru_cache(maxsize=PATTERNS_KEPT)(self._read)

    def _read(self, pattern: Pattern) -> Reading:
        plan = self._plan
        asking = Asking(self._ask_plan, pattern)
        at_least = max((plan.tiers[index] for index in pattern.true), default=0)
        at_most = max((plan.tiers[index] for index, _ in pattern.undecided), default=0)
        flags = open_flags(plan, pattern, asking)
        found = verdicts(plan, pattern, asking, at_least)
        asked = questions(plan, pattern, asking, flags, found, at_least)
        return Reading(
            at_least,
            max(at_least, at_most),
            flags.entries,
            tuple(found),
            asked,
            missing_imaging(asking, found),
            self._sources(pattern, found),
            orjson.dumps(flags.entries)[1:-1],
            orjson.dumps(asked),
        )

    def _sources(self, pattern: Pattern, found: list[Verdict]) -> int:
        """Bits of the sources behind every true rule, every open flag and open statement, and every technique shown."""
        rules = self._plan.rules
        bits = 0
        for index in (
            *pattern.true,
            *pattern.anchored,
            *(index for index, _ in pattern.undecided if rules[index].tier is not None),
        ):
            bits |= rules[index].source_bits
        for verdict in found:
            bits |= verdict.plan.source_bits
        return bits
