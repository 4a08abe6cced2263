"""The rows of a body that can be written down: levels, deficits, operations and treatments. See `plain`."""

from __future__ import annotations

from collections.abc import Iterator

import z3

from app.governance.solver.cone import DENS, IN_REGION, OF_ROWS, SEGMENTS, Cone
from app.governance.solver.edges import SOME_ENDPLATE
from app.governance.solver.logic import Truth, at_least, conj, disj, implies, neg, pick, same
from app.governance.solver.states import Frame, State
from app.triage.described import SPOKEN_FOR
from app.triage.facts import NO, YES, Fact, registry
from app.triage.vocabulary.findings import SEGMENT_FINDINGS, VERTEBRA_FINDINGS
from app.triage.vocabulary.history import RECENT_DAYS

_SLIP = "spondylolisthesis."
_DERIVED = {("level", "region"), ("deficit", "limb"), ("level", "meyerding")}
_NECK_COUNT = "imaging.narrowed_neck_levels"
_NARROW = {
    "cord_compression": YES,
    "cord_signal_change": YES,
    "stenosis.central": registry()["level"]["stenosis.central"].mask(["moderate", "severe"]),
}
"""What makes a level of the neck count as narrow (`app.triage.told`)."""


def rows_plain(state: State, cone: Cone) -> Iterator[Truth]:
    """What holds of the listed rows, and of whether there may be others."""
    for table, rows in state.rows.items():
        names = sorted(name for owner, name in cone.facts if owner == table)
        if table not in cone.tables:
            yield from (neg(row.listed) for row in rows)
            continue
        for row in rows:
            for name in names:
                if (table, name) not in _DERIVED:
                    yield implies(row.listed, conj(_told(state, row, registry()[table][name], names)))
    if "level" in cone.tables:
        yield from _different_levels(state)
        if (None, _NECK_COUNT) in cone.facts:
            yield _neck_levels_counted(state, cone)
    if "surgery" in cone.tables:
        yield from _operations(state, cone)
    if "course" in cone.tables:
        yield from _courses(state, cone)


def _told(state: State, row: Frame, fact: Fact, names: list[str]) -> Iterator[Truth]:
    told, values = row.told(fact.name), row[fact.name]
    if fact.name in OF_ROWS[row.table or ""]:
        yield told
        return
    by_screen: Truth = disj(state.none[group] for group in fact.groups)
    shut = by_screen if row.table != "level" else _closed_at_level(state, row, fact, by_screen)
    no, unsaid = fact.said_no(), values.equals(fact.unknown())
    if no is not None:
        unsaid = pick(shut, values.equals(no), unsaid)
    if row.table == "level":
        yield from _of_a_level(row, fact, names)
        if fact.name == _SLIP + "slip_percent":
            unsaid = _slip_untold(row, names, values.equals((0, 0)), unsaid)
        elif fact.name == _SLIP + "slip_mm":
            unsaid = pick(row.choice(_SLIP + "type").pair(1)[0], values.equals((0, 0)), unsaid)
        elif fact.name == "fracture.odontoid_type":
            unsaid = pick(row.choice("level").pair(DENS)[1], unsaid, values.equals((1,)))
    yield pick(told, conj((values.single(), neg(by_screen))), unsaid)


def _closed_at_level(state: State, row: Frame, fact: Fact, by_screen: Truth) -> Truth:
    region = row.choice("region")
    covered = disj(
        conj((region.pair(region.fact.mask([place]))[0], state.covered[place, modality]))
        for place in IN_REGION
        for modality in fact.ruled_out_on or ()
    )
    naming = next((name for name in SPOKEN_FOR if _same_finding(name, fact.name) and name != fact.name), None)
    if naming is not None:
        # A report's silence closes no detail of a finding that is there.
        covered = conj((covered, row.choice(naming).pair(1)[1]))
    return disj((by_screen, covered))


def _same_finding(one: str, other: str) -> bool:
    return one.partition(".")[0] == other.partition(".")[0]


def _of_a_level(row: Frame, fact: Fact, names: list[str]) -> Iterator[Truth]:
    told, place = row.told(fact.name), fact.name.partition(".")[0]
    segment = row.choice("level").pair(SEGMENTS)[0]
    if place in VERTEBRA_FINDINGS:
        yield implies(told, neg(segment))
    if place in SEGMENT_FINDINGS:
        yield implies(told, segment)
    for naming, details in SPOKEN_FOR.items():
        if _same_finding(naming, fact.name) and fact.name.partition(".")[2] in details:
            yield implies(told, conj((row.told(naming), neg(row.choice(naming).pair(1)[1]))))
    if fact.name == "torg_pavlov" and {"canal_diameter_mm", "body_diameter_mm"} <= set(names):
        yield neg(conj((row.told("canal_diameter_mm"), row.told("body_diameter_mm"))))


def _slip_untold(row: Frame, names: list[str], nothing: Truth, unsaid: Truth) -> Truth:
    """A slip in percent that nobody stated: none, worked out from millimetres, or unsaid."""
    unmeasured = pick(row.choice(_SLIP + "type").pair(1)[0], nothing, unsaid)
    if _SLIP + "slip_mm" not in names:
        return unmeasured
    percent, slip, endplate = (row.span(_SLIP + name) for name in ("slip_percent", "slip_mm", "endplate_mm"))
    doubled = conj(
        same(end, reached((edge[0] * SOME_ENDPLATE / 100, edge[1])))
        for ends, reached in ((percent.low, slip.low_reaches), (percent.high, slip.high_reaches))
        for edge, end in zip(percent.edges, ends, strict=True)
    )
    measured = conj((row.told(endplate.fact.name), endplate.equals((SOME_ENDPLATE, SOME_ENDPLATE)), doubled))
    return pick(row.told(slip.fact.name), measured, unmeasured)


def _different_levels(state: State) -> Iterator[Truth]:
    """No level is listed twice: a report's rows of one level are one row."""
    rows = state.rows["level"]
    for number, part in enumerate(rows[0].choice("level").classes if rows else ()):
        here = [conj((row.listed, row.choice("level").possible[number])) for row in rows]
        yield z3.PbLe([(one, 1) for one in here], part.bit_count())


def _neck_levels_counted(state: State, cone: Cone) -> Truth:
    """The number that reports add up to is told wherever they list a narrow level of the neck, and not below those."""
    told, total = state.top.told(_NECK_COUNT), state.top.span(_NECK_COUNT)
    narrow: list[Truth] = []
    for row in state.rows["level"]:
        level, neck = row.choice("level"), row.choice("region").fact.mask(["cervical"])
        signs = [row.choice(name).pair(mask)[0] for name, mask in _NARROW.items() if ("level", name) in cone.facts]
        here = (row.listed, level.pair(SEGMENTS)[0], row.choice("region").pair(neck)[0], disj(signs))
        narrow.append(conj(here))
    counts = range(1, len(narrow) + 1)
    enough = conj(
        implies(at_least(n, [(one, 1) for one in narrow]), total.low_reaches((float(n), False))) for n in counts
    )
    return disj((conj((told, enough)), conj(neg(one) for one in narrow)))


def _operations(state: State, cone: Cone) -> Iterator[Truth]:
    top = state.top
    ever = top.choice("history.spine_surgery")
    yield same(state.may_exist["surgery"], neg(ever.pair(NO)[0]))
    for row in state.rows["surgery"]:
        yield implies(row.listed, conj((top.told(ever.fact.name), ever.pair(YES)[0])))
        if ("surgery", "ago") in cone.facts:
            recent = top.choices("history.recent_procedures")
            operation = recent.fact.mask(["spine_surgery"])
            lately = conj((row.listed, row.told("ago"), row.span("ago").pair("<=", RECENT_DAYS)[0]))
            yield implies(lately, conj((top.told(recent.fact.name), recent.pair(operation)[0])))


def _courses(state: State, cone: Cone) -> Iterator[Truth]:
    """The listed treatments are all there were, and what is said of the whole fits them."""
    top = state.top
    whole, result = top.span("treatments.conservative_duration"), top.choice("treatments.conservative_care")
    yield same(state.may_exist["course"], neg(disj(row.listed for row in state.rows["course"])))
    for row in state.rows["course"]:
        yield implies(row.listed, conj((top.told(whole.fact.name), top.told(result.fact.name))))
        if ("course", "duration") in cone.facts:
            least = zip(row.span("duration").low, whole.low, strict=True)
            yield implies(row.listed, conj(implies(part, all_of_it) for part, all_of_it in least))
        if ("course", "outcome") in cone.facts:
            fits = [conj(pair) for pair in zip(row.choice("outcome").possible, result.possible[1:], strict=True)]
            yield implies(row.listed, disj(fits))
