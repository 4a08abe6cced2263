"""What one answer of a body says of another, written from the words of the questions alone; see `obvious`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.triage.obvious_sets import LONGEST, given, length_of

Body = dict[str, Any]
TWELVE_WEEKS = 84.0
_TWO_WEEKS = 14.0
TOLD_BY: dict[str, dict[str, Callable[[Any], bool]]] = {
    "complaint.limb_weakness": {
        "complaint.weakness_course": lambda course: course == "worsening",
        "complaint.weakness_speed": lambda speed: speed == "minutes_to_days",
        "complaint.weakness_onset": lambda _: True,
        "complaint.weakness_in_both_legs": bool,
        "complaint.ascending_weakness": bool,
    },
    "history.cancer": {"history.cancer_types": bool, "history.known_spinal_metastasis": bool},
    "history.weight_loss": {"history.weight_lost_kg": lambda lost: lost > 0},
    "history.trauma": {
        "history.since_trauma": lambda _: True,
        "history.symptoms_after_trauma": bool,
        "examination.injury_neurology": lambda found: found not in {"intact", "not_examinable"},
        "complaint.onset": lambda onset: onset == "traumatic",
    },
    "patient.pregnant": {"patient.pregnancy_weeks": lambda weeks: weeks > 0},
    "history.spine_surgery": {
        "history.prior_surgery": bool,
        "history.recent_procedures": lambda done: "spine_surgery" in done,
    },
}
"""What else a body may say of something, by the word that names it, and when that tells that it was there."""


def hinted(body: Body) -> set[str]:
    """Answers that others speak of, and that were not given or cannot be so: a "none" for their group is doubted."""
    complaint = body.get("complaint", {})
    sudden = complaint.get("onset") == "sudden"
    length = length_of(complaint["duration"])[1] if "duration" in complaint else LONGEST
    pains = [complaint.get(f"{place}_pain", 0) for place in ("back", "neck", "leg", "arm")]
    found = set()
    if complaint.get("leg_side") == "bilateral" and (sudden or length <= _TWO_WEEKS):
        found.add("complaint.new_bilateral_leg_pain")
    if sudden and max(pains) >= 7:
        found.add("complaint.sudden_severe_pain")
    scores = body.get("scores", {})
    least = scores.get("phq9", 0) - 24
    item = {"scores.phq9_item9"} if least > 0 and scores.get("phq9_item9", 0) < least else set()
    return {name for name in found if not given(body, name)} | item


def self_harm_item(body: Body, item: tuple[float, float]) -> tuple[float, float]:
    """Item 9 of the PHQ-9 beside its total: at most 3 of it, and the other eight items at most 24."""
    if "phq9" not in body.get("scores", {}):
        return item
    total = body["scores"]["phq9"]
    least, most = max(item[0], total - 24), min(item[1], total)
    if least <= most:
        return least, most
    return (total - 24, 3) if total - 24 > item[1] else item


def recent_operations(body: Body, named: list[str]) -> set[str]:
    """The recent procedures that listed operations of the last twelve weeks are, beside those that were named."""
    found = set()
    for row in body.get("history", {}).get("prior_surgery", []):
        if "ago" not in row or length_of(row["ago"])[1] > TWELVE_WEEKS:
            continue
        answers = [
            row["kind"] in {"discectomy", "fusion", "disc_replacement"},
            row["approach"] in {"anterior", "combined"} if "approach" in row else None,
            any(level.startswith("C") for level in row["levels"]) if "levels" in row else None,
        ]
        if "anterior_neck_surgery" in named and False not in answers:
            continue
        found |= {"spine_surgery", "anterior_neck_surgery"} if all(answers) else {"spine_surgery"}
    return found
