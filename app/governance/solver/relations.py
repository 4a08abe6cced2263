"""What `app.triage.derived` and the shape of rows make so in every consultation, as constraints.

Where the service works in floating point the constraint leaves room for rounding, and ratios (body-mass index, slip in
percent of an endplate, Torg-Pavlov) stay free of their inputs: a wider state proves less, never more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import z3

from app.governance.solver.cone import DENS, IN_REGION, SEGMENTS
from app.governance.solver.logic import Truth, compare, conj, disj, exact, implies, neg
from app.triage.derived import MEYERDING_LIMITS, OLDEST_PREGNANCY
from app.triage.facts import NO, YES, registry
from app.triage.vocabulary.findings import SEGMENT_FINDINGS, VERTEBRA_FINDINGS

if TYPE_CHECKING:
    from app.governance.solver.states import Frame

ROUNDING = 1e-6
LEG_MOVEMENTS: int = sum(
    1 << number
    for number, movement in enumerate(registry()["deficit"]["movement"].values)
    if movement.startswith(("hip", "knee", "ankle", "great"))
)
_SINGLE = {
    (None, "complaint.regions"),
    ("level", "level"),
    ("deficit", "movement"),
    ("deficit", "side"),
    ("surgery", "kind"),
    ("course", "kind"),
}
"""What a body has to state."""


def relations(frame: Frame, name: str) -> Iterator[Truth]:
    """What holds between a fact of a frame and the facts that it follows from."""
    if (frame.table, name) in _SINGLE:
        yield frame[name].single()
    if frame.table is None:
        yield from _of_the_consultation(frame, name)
    elif frame.table == "level":
        yield from _of_a_level(frame, name)
    elif (frame.table, name) == ("deficit", "limb"):
        leg = frame.choice("movement").pair(LEG_MOVEMENTS)[1]
        limb = frame.choice("limb")
        yield limb.single()
        yield limb.pair(limb.fact.mask(["leg"]))[0] == leg


def _of_the_consultation(frame: Frame, name: str) -> Iterator[Truth]:
    fact = registry()[None][name]
    if name in {"patient.pregnant", "patient.weeks_since_birth"}:
        unasked = pregnancy_unasked(frame)
        if name == "patient.pregnant":
            pregnant = frame.choice(name)
            yield implies(unasked, neg(conj((pregnant.pair(NO)[1], pregnant.pair(YES)[1]))))
        else:
            yield implies(unasked, neg(frame[name].equals(fact.unknown())))
    elif fact.inputs and fact.kind == "number" and name != "patient.bmi":
        first, second = (frame.span(other) for other in fact.inputs)
        found = frame.span(name)
        yield _near(found.low, first.low - second.high)
        yield _near(found.high, first.high - second.low)


def pregnancy_unasked(frame: Frame) -> Truth:
    """Nobody asks: the patient is male, or older than anybody is asked."""
    sex = frame.choice("patient.sex")
    return disj((sex.pair(sex.fact.mask(["male"]))[0], compare(frame.span("patient.age").low, ">", OLDEST_PREGNANCY)))


def _near(one: z3.ArithRef, other: z3.ArithRef) -> Truth:
    if one.is_int():
        return one == other
    return conj((one - other <= exact(ROUNDING), other - one <= exact(ROUNDING)))


def _of_a_level(frame: Frame, name: str) -> Iterator[Truth]:
    fact = registry()["level"][name]
    level = frame.choice("level")
    place = name.partition(".")[0]
    if place in SEGMENT_FINDINGS or place in VERTEBRA_FINDINGS:
        segment = level.pair(SEGMENTS)[0]
        unsaid = [frame[name].equals(slots) for slots in (fact.unknown(), fact.said_no()) if slots is not None]
        yield implies(segment if place in VERTEBRA_FINDINGS else neg(segment), disj(unsaid))
    if name == "region":
        region = frame.choice(name)
        for value, mask in IN_REGION.items():
            yield region.pair(fact.mask([value]))[1] == level.pair(mask)[1]
    elif name == "fracture.odontoid_type":
        dens = frame.choice(name)
        yield disj((level.pair(DENS)[1], neg(dens.pair(1)[1]), dens.pair(1)[0]))
    elif name in {"spondylolisthesis.slip_percent", "spondylolisthesis.slip_mm"}:
        yield implies(frame.choice("spondylolisthesis.type").pair(1)[0], frame[name].equals((0, 0)))
    elif name == "meyerding":
        grade, slip = frame.span(name), frame.span("spondylolisthesis.slip_percent")
        for mine, percent in ((grade.low, slip.low), (grade.high, slip.high)):
            yield mine == z3.Sum([z3.If(compare(percent, ">", limit), 1, 0) for limit in MEYERDING_LIMITS])
