"""What cannot both be so is shown, whichever of the two a rule goes by."""

from __future__ import annotations

from typing import Any

import pytest

from app.triage import Consultation, Triage
from tests.laws.knowing import TODAY

LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


def _complaint(**answers: Any) -> dict[str, Any]:
    return {"complaint": {"regions": ["lumbar"], **answers}}


CANNOT_BOTH_BE_SO: dict[str, dict[str, Any]] = {
    "normal density with a T-score of -3.2": {"history": {"osteoporosis": "none", "t_score": -3.2}},
    "no cancer with a known metastasis": {"history": {"cancer": "none", "known_spinal_metastasis": True}},
    "no weak limb with weakness in both legs": _complaint(limb_weakness=False, weakness_in_both_legs=True),
    "no injury with a time since the injury": {
        "history": {"trauma": "none", "since_trauma": {"value": 2, "unit": "days"}}
    },
    "never operated with a listed operation": {
        "history": {"spine_surgery": False, "prior_surgery": [{"kind": "fusion"}]}
    },
    "one movement of one side graded 2 and 5": {
        "examination": {
            "motor": [{"movement": "ankle_dorsiflexion", "side": "left", "grade": grade} for grade in (2, 5)]
        }
    },
    "not several fractures with two recent ones": {
        "imaging": [
            {
                "modality": "ct",
                "several_fractures": False,
                "levels": [{"level": level, "fracture": {"age": "recent"}} for level in ("L1", "L2")],
            }
        ]
    },
    "a first onset after the present age": {"patient": {"age": 40}, "history": {"age_at_onset": 61}},
    "a part of a score above its total": {"scores": {"phq9": 1, "phq9_item9": 3}},
    "not pregnant, in the twentieth week": {"patient": {"pregnant": False, "pregnancy_weeks": 20}},
}


@pytest.mark.parametrize("both", CANNOT_BOTH_BE_SO)
def test_two_statements_that_cannot_both_be_so_are_shown(both: str, triage: Triage) -> None:
    note = triage.note(Consultation.model_validate(LUMBAR | CANNOT_BOTH_BE_SO[both]), TODAY)
    assert note["contradictions"] or note["warnings"]
