from __future__ import annotations

from datetime import date
from typing import Any

from app.triage import Consultation, Triage

DAY = date(2026, 11, 23)


def unjudged(triage: Triage, body: dict[str, Any]) -> set[str]:
    note = triage.note(Consultation.model_validate({"complaint": {"regions": ["lumbar"]}} | body), DAY)
    return {fact["fact"] for limit in note["limits"] for fact in limit["facts"]}


def test_what_the_engine_reads_into_another_fact_is_not_called_unread(triage: Triage) -> None:
    slip = {"type": "degenerative", "slip_mm": 9.0, "endplate_mm": 35.0}
    body = {
        "examination": {"power_otherwise_normal": True},
        "treatments": {"courses": [{"kind": "exercise", "sessions": 4, "outcome": "failed"}]},
        "imaging": [{"modality": "radiograph", "levels": [{"level": "L4-L5", "spondylolisthesis": slip}]}],
        "scores": {"eq5d_vas": 50},
    }
    unread = unjudged(triage, body)
    assert unread.isdisjoint(
        {"examination.power_otherwise_normal", "treatments.courses.outcome", "imaging.levels.spondylolisthesis.slip_mm"}
    )
    assert {"scores.eq5d_vas", "treatments.courses.sessions"} <= unread
