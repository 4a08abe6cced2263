"""Facts worked out from others by arithmetic alone; where an input is an interval the result is one too."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from app.triage.facts import EITHER, NO, Fact, registry

Interval = tuple[float, float]
Frame = list[Any]

_TOP = registry()[None]
_LEVEL = registry()["level"]
MEYERDING_LIMITS = (0.0, 25.0, 50.0, 75.0, 100.0)
"""Upper edges in percent of grades 0 to IV; above is V. An edge belongs to the lower grade (evidence 4.7)."""


_JUST_ABOVE = 1e-6
MEYERDING_SPANS: tuple[Interval, ...] = (
    (0, 0),
    *((low + _JUST_ABOVE, high) for low, high in pairwise((*MEYERDING_LIMITS, 150.0))),
)
GENANT_SPANS: tuple[Interval, ...] = ((0, 20 - _JUST_ABOVE), (20, 25 - _JUST_ABOVE), (25, 40), (40 + _JUST_ABOVE, 100))
"""What a stated grade says of the slip, and of the loss of height, in percent (evidence 4.7 and 4.9)."""


def meyerding(percent: float) -> int:
    """Meyerding grade 0-5 of a slip in percent."""
    return sum(percent > limit for limit in MEYERDING_LIMITS)


def _span(frame: Frame, fact: Fact) -> Interval:
    return frame[fact.slot], frame[fact.slot + 1]


def _narrow(frame: Frame, fact: Fact, low: float, high: float) -> None:
    """Keep what both the frame and the result allow, inside the fact's range; a stated value that disagrees stands."""
    old_low, old_high = _span(frame, fact)
    low, high = min(max(low, fact.low), fact.high), min(max(high, fact.low), fact.high)
    low, high = max(low, old_low), min(high, old_high)
    if low <= high:
        frame[fact.slot], frame[fact.slot + 1] = low, high


def _difference(frame: Frame, result: str, first: str, second: str) -> None:
    a, b = _span(frame, _TOP[first]), _span(frame, _TOP[second])
    _narrow(frame, _TOP[result], a[0] - b[1], a[1] - b[0])


OTHER_EIGHT_AT_MOST = 24
"""What the eight items of the PHQ-9 beside item 9 can add up to: three points each."""
OLDEST_PREGNANCY = 60
"""Age in years above which nobody is asked about a pregnancy; a choice of ours (design)."""


def _pregnancy(frame: Frame) -> None:
    """Nobody who is male or older than 60 is asked about a pregnancy or birth; what was stated stands."""
    male, age = frame[_TOP["patient.sex"].slot] == _TOP["patient.sex"].mask(["male"]), _span(frame, _TOP["patient.age"])
    if not male and age[0] <= OLDEST_PREGNANCY:
        return
    pregnant, birth = _TOP["patient.pregnant"], _TOP["patient.weeks_since_birth"]
    if frame[pregnant.slot] == EITHER:
        frame[pregnant.slot] = NO
    if _span(frame, birth) == (birth.low, birth.high):
        frame[birth.slot] = birth.high


def _self_harm_item(frame: Frame) -> None:
    """Item 9 of the PHQ-9 is no more than the total, and no less than what the other eight items leave over."""
    low, high = _span(frame, _TOP["scores.phq9"])
    _narrow(frame, _TOP["scores.phq9_item9"], low - OTHER_EIGHT_AT_MOST, high)


def derive_top(frame: Frame) -> None:
    """Body-mass index, pain differences, PI minus LL and PHQ-9 item 9, written into the consultation's frame."""
    _pregnancy(frame)
    _self_harm_item(frame)
    height, weight = _span(frame, _TOP["patient.height_cm"]), _span(frame, _TOP["patient.weight_kg"])
    _narrow(frame, _TOP["patient.bmi"], weight[0] / (height[1] / 100) ** 2, weight[1] / (height[0] / 100) ** 2)
    _difference(frame, "complaint.leg_minus_back", "complaint.leg_pain", "complaint.back_pain")
    _difference(frame, "complaint.arm_minus_neck", "complaint.arm_pain", "complaint.neck_pain")
    _difference(
        frame,
        "imaging.alignment.pi_minus_ll_deg",
        "imaging.alignment.pelvic_incidence_deg",
        "imaging.alignment.lumbar_lordosis_deg",
    )


_SLIP_MM, _SLIP, _ENDPLATE = (
    _LEVEL[f"spondylolisthesis.{name}"] for name in ("slip_mm", "slip_percent", "endplate_mm")
)
_TYPE, _GRADE = _LEVEL["spondylolisthesis.type"], _LEVEL["meyerding"]
_GIVEN_GRADE, _GENANT = _LEVEL["spondylolisthesis.meyerding_grade"], _LEVEL["fracture.genant_grade"]
_HEIGHT = _LEVEL["fracture.height_loss_percent"]
_CANAL, _BODY, _TORG = (_LEVEL[name] for name in ("canal_diameter_mm", "body_diameter_mm", "torg_pavlov"))
_ODONTOID = _LEVEL["fracture.odontoid_type"]
_OF_THE_DENS = _LEVEL["level"].mask(["C2"])


def _from_grade(frame: Frame, grade: Fact, percent: Fact, spans: tuple[Interval, ...]) -> None:
    """A stated grade bounds the percentage; one that contradicts a measured one is shown by `described`."""
    low, high = _span(frame, grade)
    if (low, high) != (grade.low, grade.high):
        _narrow(frame, percent, spans[int(low)][0], spans[int(high)][1])


def derive_level(frame: Frame) -> None:
    """Slip in percent, its Meyerding grade, the Torg-Pavlov ratio, and no dens anywhere but at the second vertebra."""
    if not frame[_LEVEL["level"].slot] & _OF_THE_DENS and frame[_ODONTOID.slot] & 1:
        frame[_ODONTOID.slot] = 1
    if frame[_TYPE.slot] == 1:
        _narrow(frame, _SLIP, 0, 0)
        _narrow(frame, _SLIP_MM, 0, 0)
    low, high = _span(frame, _SLIP_MM)
    if (low, high) != (_SLIP_MM.low, _SLIP_MM.high):
        short, long = _span(frame, _ENDPLATE)
        _narrow(frame, _SLIP, low / long * 100, high / short * 100)
    _from_grade(frame, _GIVEN_GRADE, _SLIP, MEYERDING_SPANS)
    _from_grade(frame, _GENANT, _HEIGHT, GENANT_SPANS)
    canal, body = _span(frame, _CANAL), _span(frame, _BODY)
    if canal != (_CANAL.low, _CANAL.high) and body != (_BODY.low, _BODY.high):
        _narrow(frame, _TORG, canal[0] / body[1], canal[1] / body[0])
    low, high = _span(frame, _SLIP)
    frame[_GRADE.slot], frame[_GRADE.slot + 1] = meyerding(low), meyerding(high)
