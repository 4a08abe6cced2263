"""What is worth asking: first what could raise the urgency most, then what touches most statements.

Screening groups of one urgency keep the order of the vocabulary, so that a desk hears them in the same order every time.
"""

from __future__ import annotations

from typing import Any

from app.triage.judge import Judgement
from app.triage.known import GROUPS
from app.triage.note.asking import Asking, Question
from app.triage.note.categories import Verdict
from app.triage.note.open_flags import OpenFlags
from app.triage.note.plan import NotePlan
from app.triage.rulebook import URGENCIES

LIVE = {"discussable", "discussable_with_uncertainty", "needs_information", "deferred"}
_SCREENING = {f"screening.{group}": number for number, group in enumerate(GROUPS)}


def questions(
    plan: NotePlan, judgement: Judgement, asking: Asking, open_flags: OpenFlags, verdicts: list[Verdict], at_least: int
) -> list[dict[str, Any]]:
    """The questions of a note, most valuable first. A question that could not raise the urgency still says what it touches."""
    shown = {index for verdict in verdicts for index, _ in verdict.open_support}
    live = {v.entry["category"] for v in verdicts if v.entry["status"] in LIVE}
    operating = any(v.entry["kind"] == "procedure" and v.entry["status"] in LIVE for v in verdicts)
    tiers = open_flags.tiers
    others: dict[Question, list[int]] = {}
    for index, bits in judgement.undecided:
        planned = plan.rules[index]
        if planned.tier is not None:
            continue
        if index in shown or (planned.rule.concludes.consideration and operating) or (live and any(r != "supports" and c in live for c, r in planned.roles)):
            for question in asking.about(bits):
                if question.seen_on is None:  # what imaging would show is looked for, not asked: it stands under `imaging`
                    others.setdefault(question, []).append(index)
    touched = {q: (*open_flags.affected.get(q, ()), *others.get(q, ())) for q in (*open_flags.affected, *others)}
    ranked = sorted(touched, key=lambda q: (-tiers.get(q, 0), _SCREENING.get(q.fact, len(_SCREENING)), -len(touched[q]), q.fact))
    return [
        question.entry(URGENCIES[tiers[question]] if tiers.get(question, 0) > at_least else None, [plan.rules[index].rule.id for index in touched[question]])
        for question in ranked
    ]
