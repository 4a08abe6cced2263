"""A symbolic state narrowed to consultations that can be written down as a body that does not contradict itself.

`told` says which facts the body states: what is told is one value (a length of time may be a range); what is not told
is "no" where a screen or a covering report answers it, and unknown elsewhere. What is told is told whole: a body that
describes something also names it, so `app.triage.told` and `app.triage.described` have nothing to correct. That leaves
bodies out, so a consultation may exist where none is found here; but whatever is found is one, up to the rounding of
ratios, and is put to the evaluator before anybody sees it (`app.governance.solver.witness`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from app.governance.solver.cone import Cone, Name, closed
from app.governance.solver.edges import LIGHTEST, SOME_LORDOSIS, TWO_METRES
from app.governance.solver.logic import Truth, conj, implies, neg, pick, same
from app.governance.solver.plain_rows import rows_plain
from app.governance.solver.relations import pregnancy_unasked
from app.governance.solver.states import Frame, State
from app.governance.solver.telling import RECENT_PROCEDURES, described, named, undoubted
from app.triage.described import SPOKEN_FOR
from app.triage.facts import NO, REPORTS, YES, Fact, registry
from app.triage.screening import GROUPS, answers_all, deciding, owners_of_reports
from app.triage.told import TOLD_BY

_TOP = registry()[None]
_BLOCK = "treatments.diagnostic_block."
_LOSS, _FELT = "examination.sensory_loss", "examination.sensation_otherwise_normal"
_WEIGHED = ("patient.height_cm", "patient.weight_kg", "patient.bmi")
_PI_MINUS_LL = "imaging.alignment.pi_minus_ll_deg"


def told_cone(cone: Cone) -> Cone:
    """The cone with what a body has to name beside what the cone's facts describe."""
    names: set[Name] = {*cone.facts, (None, "complaint.regions")}
    while True:
        before = len(names)
        names |= {(None, name) for name, tellings in TOLD_BY.items() if any((None, t.name) in names for t in tellings)}
        names |= {("level", name) for name in SPOKEN_FOR for table, part in names if _belongs(table, part, name)}
        names |= {
            (None, fact.name) for group in GROUPS if (None, f"screening.{group}") in names for fact in deciding(group)
        }
        if any((None, name) in names for name in ("history.since_procedure", "complaint.onset")) or (
            ("surgery", "ago") in names
        ):
            names.add((None, RECENT_PROCEDURES))
        if ("level", "fracture.age") in names:
            names.add((None, "imaging.several_fractures"))
        if ("level", "spondylolisthesis.slip_mm") in names:
            names.add(("level", "spondylolisthesis.endplate_mm"))
        if "course" in cone.tables:
            names |= {(None, "treatments.conservative_duration"), (None, "treatments.conservative_care")}
        if any(table is None and name.startswith(_BLOCK) for table, name in names):
            names.add((None, _BLOCK + "target"))
        names = set(closed(names))
        if len(names) == before:
            return Cone(frozenset(names), cone.tables)


def _belongs(table: str | None, part: str, naming: str) -> bool:
    return table == "level" and part.partition(".")[0] == naming.partition(".")[0]


def plain(state: State, cone: Cone) -> Iterator[Truth]:
    """What holds of the facts of a `told_cone` in a body that can be written down."""
    names = {name for table, name in cone.facts if table is None}
    yield state.top.told("complaint.regions")
    for name in sorted(names):
        yield from _told(state, _TOP[name])
    yield from described(state, names)
    yield from undoubted(state, names)
    for group in GROUPS:
        if f"screening.{group}" in names:
            yield from _screened(state, group)
    if f"screening.{REPORTS}" in names:
        some = conj((state.top.told(f"screening.{REPORTS}"), neg(state.none[REPORTS])))
        yield neg(conj((some, *(state.none[group] for group in owners_of_reports()))))
    yield from rows_plain(state, cone)
    if "imaging.several_fractures" in names:
        age = registry()["level"]["fracture.age"]
        recent = [conj((row.listed, row.choice(age.name).pair(age.mask(["recent"]))[0])) for row in state.rows["level"]]
        for pair in combinations(recent, 2):
            yield implies(conj(pair), named(state, "imaging.several_fractures"))


def _told(state: State, fact: Fact) -> Iterator[Truth]:
    top, told = state.top, state.top.told(fact.name)
    values = top[fact.name]
    if fact.name == "patient.bmi":
        height, weight = (top.span(name) for name in _WEIGHED[:2])
        both = top.told(height.fact.name)
        yield same(top.told(weight.fact.name), both)
        yield implies(both, height.equals((TWO_METRES, TWO_METRES)))
        yield implies(both, weight.low_reaches((LIGHTEST, False)))
        index = top.span(fact.name)
        quarter = conj(
            same(end, weighed((4 * edge[0], edge[1])))
            for ends, weighed in ((index.low, weight.low_reaches), (index.high, weight.high_reaches))
            for edge, end in zip(index.edges, ends, strict=True)
        )
        yield pick(both, quarter, values.equals(fact.unknown()))
        return
    if fact.name == _PI_MINUS_LL:
        yield from _alignment(top)
        return
    if fact.inputs and fact.kind == "number":
        return
    if fact.name.startswith("screening."):
        return
    shut = state.closed(fact, None)
    unsaid = values.equals(fact.unknown())
    if fact.name == "patient.pregnant":
        unsaid = pick(pregnancy_unasked(top), values.equals((NO,)), unsaid)
    elif fact.name == "patient.weeks_since_birth":
        unsaid = pick(pregnancy_unasked(top), values.equals((fact.high, fact.high)), unsaid)
    elif fact.name == _LOSS:
        yield from _feeling(state)
    no = fact.said_no()
    yield pick(
        told, conj((values.single(), neg(shut))), unsaid if no is None else pick(shut, values.equals(no), unsaid)
    )
    if fact.name.startswith(_BLOCK):
        yield implies(told, top.told(_BLOCK + "target"))


def _alignment(top: Frame) -> Iterator[Truth]:
    """Pelvic incidence and lordosis are told together, with one lordosis that is as good as any."""
    found = top.span(_PI_MINUS_LL)
    incidence, lordosis = (top.span(name) for name in found.fact.inputs)
    both = top.told(incidence.fact.name)
    yield same(top.told(lordosis.fact.name), both)
    yield implies(both, lordosis.equals((SOME_LORDOSIS, SOME_LORDOSIS)))
    shifted = conj(
        same(end, reached((edge[0] + SOME_LORDOSIS, edge[1])))
        for ends, reached in ((found.low, incidence.low_reaches), (found.high, incidence.high_reaches))
        for edge, end in zip(found.edges, ends, strict=True)
    )
    yield pick(both, shifted, found.equals(found.fact.unknown()))


def _feeling(state: State) -> Iterator[Truth]:
    """Loss of feeling is told root by root; its absence, as feeling that was normal elsewhere."""
    top = state.top
    lost, felt = top.choice(_LOSS).pair(YES)[0], top.choice(_FELT).pair(YES)[0]
    yield implies(top.told(_FELT), conj((top.told(_LOSS), same(lost, neg(felt)))))
    yield implies(conj((top.told(_LOSS), neg(lost))), top.told(_FELT))


def _screened(state: State, group: str) -> Iterator[Truth]:
    """A group's own answer: told, or put together from a "no" to each of its deciding members."""
    name = f"screening.{group}"
    answer, told = state.top.choice(name), state.top.told(name)
    every: list[Truth] = []
    for fact in deciding(group):
        no = fact.said_no()
        if no is not None:
            every.append(conj((state.top.told(fact.name), state.top[fact.name].equals(no))))
    auto = conj(every) if answers_all(group) else False
    yield same(state.none[group], conj((told, answer.pair(1)[0])))
    yield pick(told, answer.single(), pick(auto, answer.pair(1)[0], answer.equals(answer.fact.unknown())))
    # A group answered "some" of which every member was then answered "no" contradicts itself.
    members_told = conj(state.top.told(fact.name) for fact in deciding(group))
    yield neg(conj((told, neg(answer.pair(1)[0]), members_told, *every)))
