"""What `app.triage.derived` and the shape of rows make so in every consultation, as constraints.

Ratios and differences of measures (body-mass index, slip in percent of an endplate, Torg-Pavlov, pelvic incidence minus
lordosis) stay free of their inputs here: a wider state proves less, never more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.governance.solver.cone import DENS, IN_REGION, SEGMENTS
from app.governance.solver.logic import Truth, conj, disj, implies, neg, same
from app.governance.solver.scale import steps
from app.triage.derived import MEYERDING_LIMITS, OLDEST_PREGNANCY
from app.triage.facts import NO, YES, registry
from app.triage.vocabulary.findings import SEGMENT_FINDINGS, VERTEBRA_FINDINGS

if TYPE_CHECKING:
    from app.governance.solver.states import Frame

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
        yield same(limb.pair(limb.fact.mask(["leg"]))[0], leg)


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
        yield from _difference(frame, name)


def _difference(frame: Frame, name: str) -> Iterator[Truth]:
    """A difference of whole numbers reaches n where for some k the first reaches k and the second is at most k - n."""
    found = frame.span(name)
    first, second = (frame.span(other) for other in found.fact.inputs)
    values = steps(first.fact)
    if not values:
        return
    for edge, low, high in zip(found.edges, found.low, found.high, strict=True):
        above = [(first.low_reaches((k, False)), second.high_reaches((k - edge[0] + 1, False))) for k in values]
        yield same(low, disj(conj((one, neg(other))) for one, other in above))
        above = [(first.high_reaches((k, False)), second.low_reaches((k - edge[0] + 1, False))) for k in values]
        yield same(high, disj(conj((one, neg(other))) for one, other in above))


def pregnancy_unasked(frame: Frame) -> Truth:
    """Nobody asks: the patient is male, or older than anybody is asked."""
    sex = frame.choice("patient.sex")
    return disj((sex.pair(sex.fact.mask(["male"]))[0], frame.span("patient.age").pair(">", OLDEST_PREGNANCY)[0]))


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
            yield same(region.pair(fact.mask([value]))[1], level.pair(mask)[1])
    elif name == "fracture.odontoid_type":
        dens = frame.choice(name)
        yield disj((level.pair(DENS)[1], neg(dens.pair(1)[1]), dens.pair(1)[0]))
    elif name in {"spondylolisthesis.slip_percent", "spondylolisthesis.slip_mm"}:
        yield implies(frame.choice("spondylolisthesis.type").pair(1)[0], frame[name].equals((0, 0)))
    elif name == "meyerding":
        grade, slip = frame.span(name), frame.span("spondylolisthesis.slip_percent")
        for number, limit in enumerate(MEYERDING_LIMITS, start=1):
            yield same(grade.low_reaches((number, False)), slip.low_reaches((limit, True)))
            yield same(grade.high_reaches((number, False)), slip.high_reaches((limit, True)))
