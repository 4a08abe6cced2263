"""What the shipped rules say of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.triage import Consultation, Triage, faults_of
from app.triage.conditions import Bound
from app.triage.facts import Fact
from app.triage.known import learn

Truth = Literal["holds", "open", "fails"]


def read(body: Mapping[str, Any]) -> Consultation:
    """A body as the service would take it; the case is wrong if it would not."""
    consultation = Consultation.model_validate(body)
    assert not faults_of(consultation), faults_of(consultation)
    return consultation


def judge(triage: Triage, body: Mapping[str, Any]) -> dict[str, Truth]:
    """For every rule, whether it holds, fails, or is open."""
    judged = triage.judge.judge(learn(read(body)))
    rules = triage.rulebook.rules
    found: dict[str, Truth] = dict.fromkeys((rule.id for rule in rules), "fails")
    found |= {rules[index].id: "open" for index, _ in judged.undecided}
    found |= {rules[index].id: "holds" for index in judged.true}
    return found


def spans(fact: Fact, body: Mapping[str, Any], triage: Triage) -> set[tuple[float, float]]:
    """The intervals that a number has in the consultation or, for a table's fact, in each row; scores included."""
    known = learn(read(body))
    triage.judge.judge(known)
    frames = [row.frame for row in known.rows[fact.table]] if fact.table else [known.frame]
    return {(frame[fact.slot], frame[fact.slot + 1]) for frame in frames}


def other_side(atom: Bound, value: float) -> bool:
    """Whether a value lies where the comparison turns, seen from its limit."""
    return value < atom.limit if atom.operator in {">=", "<"} else value > atom.limit


def near(atom: Bound, value: float) -> bool:
    """Whether a value is close to the limit: within one step, or a tenth of it."""
    return abs(value - atom.limit) <= max(1, abs(atom.limit) / 10)
