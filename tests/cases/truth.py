"""What the shipped rules say of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.triage import Consultation, Triage, faults_of
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
