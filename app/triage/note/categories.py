"""Which categories could be discussed: what speaks for each, what against, what is not known. A status is a reading of the rules' truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.triage.judge import Judge, Judgement
from app.triage.note.asking import Asking, Question, asked_facts
from app.triage.note.plan import CONTEXT, EMERGENCY, NotePlan, Role
from app.triage.note.reasons import reasons_for

ORDER = ("discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed", "not_supported")


@dataclass(slots=True)
class Ballot:
    """The rules that speak about one category: true ones, and undecided ones with their open bits."""

    true: dict[Role, list[int]] = field(default_factory=dict)
    undecided: dict[Role, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """A category's entry with what the rest of the note needs from it."""

    entry: dict[str, Any]
    open_support: list[tuple[int, int]]
    weight: int


def verdicts(judge: Judge, plan: NotePlan, judgement: Judgement, asking: Asking, at_least: int) -> list[Verdict]:
    """Every category that some rule speaks for, or may, best supported first."""
    ballots = _count(plan, judgement)
    suppressed = {c for index in judgement.true for c in plan.rules[index].rule.concludes.suppresses}
    found = [
        verdict
        for category, ballot in ballots.items()
        if (verdict := _judge(judge, plan, judgement, asking, category, ballot, at_least, category in suppressed)) is not None
    ]
    found.sort(key=lambda v: (ORDER.index(v.entry["status"]), -v.weight, v.entry["kind"] != "pathway", v.entry["category"]))
    return found


def _count(plan: NotePlan, judgement: Judgement) -> dict[str, Ballot]:
    ballots: dict[str, Ballot] = {}
    for index in judgement.true:
        for category, role in plan.rules[index].roles:
            ballots.setdefault(category, Ballot()).true.setdefault(role, []).append(index)
    for index, bits in judgement.undecided:
        for category, role in plan.rules[index].roles:
            ballots.setdefault(category, Ballot()).undecided.setdefault(role, []).append((index, bits))
    return ballots


def _judge(
    judge: Judge, plan: NotePlan, judgement: Judgement, asking: Asking, category: str, ballot: Ballot, at_least: int, suppressed: bool
) -> Verdict | None:
    supports, may_support = ballot.true.get("supports", []), ballot.undecided.get("supports", [])
    if not supports and not may_support:
        return None
    entry = dict(plan.categories[category])
    levels: list[str] = []
    reasons = [_reason(judge, plan, judgement, index, levels, certain=True) for index in supports]
    open_support: list[tuple[int, int]] = []
    for index, bits in may_support:
        reason = _reason(judge, plan, judgement, index, levels, certain=False)
        if any(fact["fact"] not in CONTEXT for fact in reason["facts"]):
            reason["ask"] = asked_facts(asking.questions(bits))
            reasons.append(reason)
            open_support.append((index, bits))
    if not supports and not open_support:
        return None
    unheard: list[str] = []
    against = [
        _reason(judge, plan, judgement, index, unheard, certain=True) for role in ("rules_out", "defers", "opposes") for index in ballot.true.get(role, [])
    ]
    uncertainty = [_reason(judge, plan, judgement, index, unheard, certain=True) for index in ballot.true.get("uncertain", [])]
    waits = entry["kind"] == "procedure" or judge.rulebook.categories[category].elective
    blocked = suppressed or (waits and at_least == EMERGENCY)
    status = _status(ballot, supports=bool(supports), blocked=blocked)
    questions = _questions(asking, ballot, open_support)
    entry |= {
        "status": status,
        "levels": levels,
        "for": reasons,
        "against": against,
        "uncertainty": uncertainty,
        "ask": asked_facts(questions),
        "rules": [reason["rule"] for reason in (*reasons, *against, *uncertainty)],
    }
    return Verdict(entry, open_support, len(supports))


def _status(ballot: Ballot, *, supports: bool, blocked: bool) -> str:
    if blocked:
        return "suppressed"
    if ballot.true.get("rules_out"):
        return "not_supported"
    if not supports:
        return "needs_information"
    if ballot.true.get("defers"):
        return "deferred"
    if ballot.undecided.get("defers") or ballot.undecided.get("rules_out"):
        return "needs_information"
    return "discussable_with_uncertainty" if ballot.true.get("uncertain") or ballot.true.get("opposes") else "discussable"


def _questions(asking: Asking, ballot: Ballot, open_support: list[tuple[int, int]]) -> tuple[Question, ...]:
    bits = 0
    for _, open_bits in (*open_support, *(pair for role, pairs in ballot.undecided.items() if role != "supports" for pair in pairs)):
        bits |= open_bits
    return asking.questions(bits)


def _reason(judge: Judge, plan: NotePlan, judgement: Judgement, index: int, levels: list[str], *, certain: bool) -> dict[str, Any]:
    rule = plan.rules[index].rule
    facts, at = reasons_for(judge, index, judgement)
    levels += [level for level in at if level not in levels]
    return {"text": rule.says, "facts": facts, "rule": rule.id, "certain": certain, "strength": rule.strength, "sources": list(rule.sources)}
