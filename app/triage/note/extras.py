"""The rest of a note: imaging that rules ask for, considerations, scores, contradictions, warnings."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.triage.facts import TABLE_PATHS, Fact, registry
from app.triage.frames import Known
from app.triage.judge import Judge, Judgement
from app.triage.note.plan import NotePlan
from app.triage.note.reasons import FactsByRule, plain
from app.triage.rulebook import Score
from app.triage.screening import is_no
from app.triage.vocabulary.consultation import Consultation


def imaging(plan: NotePlan, judgement: Judgement, facts: FactsByRule) -> list[dict[str, Any]]:
    """The imaging that a true rule asks for."""
    found: list[dict[str, Any]] = []
    for index in judgement.true:
        rule = plan.rules[index].rule
        if rule.concludes.imaging:
            found.append(
                {
                    "modality": None,
                    "text": rule.concludes.imaging,
                    "findings": [],
                    "for": [rule.id],
                    "facts": facts[index][0],
                    "sources": plan.rules[index].sources,
                }
            )
    return found


def considerations(plan: NotePlan, judgement: Judgement, facts: FactsByRule) -> list[dict[str, Any]]:
    """What to talk about before any operation. Notes, never blocks."""
    found = []
    for index in judgement.true:
        rule = plan.rules[index].rule
        if rule.concludes.consideration:
            found.append(
                {
                    "title": rule.title,
                    "text": rule.says,
                    "facts": facts[index][0],
                    "rule": rule.id,
                    "strength": rule.strength,
                    "recalled": rule.recalled,
                    "sources": list(rule.sources),
                }
            )
    return found


def scores(judge: Judge, judgement: Judgement) -> list[dict[str, Any]]:
    """Scores of which at least one part is known; the band only where both ends share it."""
    found: list[dict[str, Any]] = []
    known = judgement.known
    for value in judgement.scores:
        if any(value.parts) and value.within:
            names = [component.name for component in value.score.components]
            used = [name for name, is_known in zip(names, value.parts, strict=True) if is_known]
            found.append(
                _score(
                    value.score, value.level, value.low, value.high, used, [name for name in names if name not in used]
                )
            )
    for score in judge.rulebook.scores.values():
        if score.of is None:
            continue
        fact = registry()[score.table][score.of]
        told = known.stated.keys()
        if score.table is None and fact.name not in told and not (fact.inputs and told >= set(fact.inputs)):
            continue  # a screening answer is no total
        owners: list[tuple[str | None, Any]] = (
            [(None, known.frame)]
            if score.table is None
            else [(row.label, row.frame) for row in known.rows[score.table]]
        )
        for level, frame in owners:
            low, high = frame[fact.slot], frame[fact.slot + 1]
            row = () if score.table is None else frame
            if (low, high) != (fact.low, fact.high) and judge.scopes[score.id](row, known.frame):
                found.append(_score(score, level, low, high, [fact.name], []))
    return found


def _score(
    score: Score, level: str | None, low: float, high: float, used: list[str], missing: list[str]
) -> dict[str, Any]:
    bands = [band.name for band in score.bands if band.low <= low <= band.high and band.low <= high <= band.high]
    return {
        "score": score.id,
        "title": score.title,
        "level": level,
        "at_least": low,
        "at_most": high,
        "band": bands[0] if bands else None,
        "used": used,
        "missing": missing,
        "not_modelled": score.not_modelled,
        "sources": list(score.sources),
    }


def contradictions(plan: NotePlan, judgement: Judgement, facts: FactsByRule) -> list[dict[str, Any]]:
    """What disagrees; the worse reading was used."""
    found: list[dict[str, Any]] = []
    for disagreement in judgement.known.disagreements:
        readings = [reading | {"value": plain(reading["value"])} for reading in disagreement["readings"]]
        name, level = disagreement["fact"], disagreement["level"]
        fact = f"{TABLE_PATHS['level']}.{name}" if level else name
        found.append(
            {
                "kind": disagreement["kind"],
                "text": _TEXTS[disagreement["kind"]],
                "fact": fact,
                "level": level,
                "readings": readings,
                "rule": None,
                "sources": [],
            }
        )
    for index in judgement.true:
        rule = plan.rules[index].rule
        if rule.concludes.contradiction:
            found.append(
                {
                    "kind": "rule",
                    "text": rule.says,
                    "fact": None,
                    "level": None,
                    "readings": facts[index][0],
                    "rule": rule.id,
                    "sources": list(rule.sources),
                }
            )
    return found


_TEXTS = {
    "reports_differ": "Two reports differ; the worse reading was used.",
    "described": "Two statements do not fit together; the worse reading counts, or both stay possible.",
    "screening": "The screening answer was none, but another answer says otherwise; that one counts.",
    "screening_some": "The screening answer was some, but every single answer was no; the urgency stays possible.",
}


def warnings(consultation: Consultation, known: Known, made_on: date) -> list[dict[str, Any]]:
    """Values that are allowed but unusual, and reports dated after the day of the note."""
    found: list[dict[str, Any]] = []
    for name in known.stated:
        fact = registry()[None].get(name)
        if fact is not None and fact.plausible:
            found += _unusual(fact, name, known.frame, None)
    for table, rows in known.rows.items():
        for row in rows:
            for name in row.stated:
                found += _unusual(registry()[table][name], f"{TABLE_PATHS[table]}.{name}", row.frame, row.label)
    for number, report in enumerate(consultation.imaging if isinstance(consultation.imaging, list) else ()):
        if isinstance(report.date, date) and report.date > made_on:
            found.append(
                {
                    "fact": f"imaging.{number}.date",
                    "level": None,
                    "text": f"The {report.modality} is dated {report.date.isoformat()}, after the day of this note.",
                }
            )
    return found


def _unusual(fact: Fact, name: str, frame: list[Any], level: str | None) -> list[dict[str, Any]]:
    if fact.plausible is None:
        return []
    low, high = fact.plausible
    if is_no(fact, frame):
        return []
    if low <= frame[fact.slot] and frame[fact.slot + 1] <= high:
        return []
    return [
        {
            "fact": name,
            "level": level,
            "text": f"{fact.label} is unusual: most values lie between {low:g} and {high:g} {fact.unit or ''}".strip()
            + ". Worth checking.",
        }
    ]
