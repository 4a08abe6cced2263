"""What is worth asking: first what could raise the urgency most, then what touches most statements.

Screening groups of one urgency keep the order of the vocabulary, so that a desk hears them in the same order every
time.
"""

from __future__ import annotations

from typing import Any

from app.triage.note.asking import Asking, Question
from app.triage.note.categories import LIVE, Verdict
from app.triage.note.open_flags import OpenFlags
from app.triage.note.pattern import Pattern
from app.triage.note.plan import NotePlan
from app.triage.rulebook import URGENCIES
from app.triage.screening import GROUPS

_SCREENING = {f"screening.{group}": number for number, group in enumerate(GROUPS)}
_WORDS = {"radiograph": "A radiograph", "mri": "An MRI (or CT where MRI is not possible)"}


def questions(
    plan: NotePlan, pattern: Pattern, asking: Asking, flags: OpenFlags, found: list[Verdict], at_least: int
) -> list[dict[str, Any]]:
    """The questions of a note, most valuable first.

    A question that could not raise the urgency still says what it touches.
    """
    live = {verdict.category for verdict in found if verdict.status in LIVE}
    operating = any(verdict.procedure and verdict.status in LIVE for verdict in found)
    touched: dict[Question, list[str]] = {question: list(rules) for question, rules in flags.affected.items()}
    for index, bits in pattern.undecided:
        planned = plan.rules[index]
        if planned.tier is not None:
            continue
        beside = any(role != "supports" and category in live for category, role in planned.roles)
        considered = operating and planned.rule.concludes.consideration and not planned.rule.shown_from
        if index in pattern.anchored or beside or considered:
            for question in asking.about(bits):
                if (
                    question.seen_on is None
                ):  # what imaging would show is looked for, not asked: it stands under `imaging`
                    touched.setdefault(question, []).append(planned.rule.id)
    tiers = flags.tiers
    ranked = sorted(
        touched, key=lambda q: (-tiers.get(q, 0), _SCREENING.get(q.fact, len(_SCREENING)), -len(touched[q]), q.fact)
    )
    return [
        question.entry(URGENCIES[tiers[question]] if tiers.get(question, 0) > at_least else None, touched[question])
        for question in ranked
    ]


def missing_imaging(asking: Asking, found: list[Verdict]) -> list[dict[str, Any]]:
    """What imaging could show, for statements that rest on it and are undecided."""
    wanted: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for verdict in found:
        for _, bits, _ in verdict.open_supports if verdict.status in LIVE else ():
            for question in asking.about(bits):
                if question.seen_on is not None:
                    findings, statements = wanted.setdefault(
                        "radiograph" if "radiograph" in question.seen_on else "mri", ({}, {})
                    )
                    findings[question.label] = None
                    statements[verdict.category] = None
    return [
        {
            "modality": modality,
            "text": f"{_WORDS[modality]} could show, and nobody reported: {', '.join(findings)}.",
            "findings": list(findings),
            "for": list(statements),
            "facts": [],
            "sources": [],
        }
        for modality, (findings, statements) in wanted.items()
    ]
