"""Laws about two states of knowledge: one in which a finding is worse, and one in which more is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from app.governance.proofs.law import ANY_DAY, Failure, Law, Remark, Subject, at
from app.governance.proofs.twice import Twice, alike, loss, unchanged, undone
from app.governance.proofs.worse import became_worse, has_direction
from app.governance.solver.cone import Cone
from app.governance.solver.logic import Truth, conj, disj, implies, neg
from app.governance.solver.search import possible
from app.governance.solver.states import Frame
from app.governance.solver.witness import Body
from app.triage import Consultation
from app.triage.facts import Fact, registry
from app.triage.known import learn
from app.triage.rulebook import URGENCIES, Rule

_WORKED_OUT = {("level", "meyerding")}
"""Facts that follow exactly from others: what those became says what these did."""


# Worse


def _worse(subject: Subject) -> Iterator[Failure | Remark]:
    flags = [index for index, tier in enumerate(subject.plan.tiers) if tier]
    twice = subject.twice
    cone = subject.finder.reader.cone(subject.rules[index].when for index in flags)
    solver = twice.solver(cone, [*alike(twice.before.state, twice.after.state), *twice.linked(cone, _no_better)])
    for side, name in ((0, "at_least"), (1, "at_most")):
        fell = [_fell(twice, subject.rules[index], side) for index in flags]
        if not possible(solver, [disj(fell)]):
            continue
        for index, one in zip(flags, fell, strict=True):
            if possible(solver, [one]):
                yield from _lowered(subject, twice, flags, index, side, name)
    read = {(atom.fact.table, atom.fact.name): atom.fact for index in flags for atom in _atoms(subject, index)}
    left_out = sorted(name for (_, name), fact in read.items() if not has_direction(fact) and not fact.inputs)
    if left_out:
        yield Remark(f"left out, since the vocabulary says no direction in which they are worse: {', '.join(left_out)}")


def _atoms(subject: Subject, index: int) -> Iterator[Any]:
    return subject.finder.reader.atoms(subject.rules[index].when)


def _no_better(fact: Fact, before: Frame, after: Frame) -> Truth:
    """It is as it was, or became worse where the vocabulary says what that is."""
    if (fact.table, fact.name) in _WORKED_OUT:
        return True
    same = unchanged(fact, before, after)
    return disj((same, became_worse(fact, before, after))) if has_direction(fact) else same


def _fell(twice: Twice, rule: Rule, side: int) -> Truth:
    return conj((twice.before.pair(rule.when)[side], neg(twice.after.pair(rule.when)[side])))


def _lowered(
    subject: Subject, twice: Twice, flags: list[int], index: int, side: int, name: str
) -> Iterator[Failure | Remark]:
    """The rule stops when something gets worse: does the urgency fall with it, by one fact alone?"""
    tier = subject.plan.tiers[index]
    rule = subject.rules[index]
    others = [other for other in flags if subject.plan.tiers[other] >= tier]
    cone = subject.finder.reader.cone(subject.rules[other].when for other in others)
    lost = [neg(twice.after.pair(subject.rules[other].when)[side]) for other in others]
    truths = [twice.before.pair(rule.when)[side], *lost, *alike(twice.before.state, twice.after.state)]
    for table, fact_name in sorted(subject.finder.reader.cone([rule.when]).facts, key=str):
        fact = registry()[table][fact_name]
        if not has_direction(fact):
            continue
        solver = twice.solver(cone, [*truths, *twice.linked(cone, _only(fact))])
        if solver.check() == z3.unsat:
            continue
        bodies = twice.bodies(solver, cone)
        shown = bodies is not None and _falls(subject, bodies, name)
        text = f"{at(rule)}: urgency.{name} falls below {URGENCIES[tier]} when {fact.name} gets worse"
        yield Failure(text, bodies if bodies is not None and shown else ())
        return


def _only(worse: Fact) -> Any:
    def link(fact: Fact, before: Frame, after: Frame) -> Truth:
        if (fact.table, fact.name) in _WORKED_OUT:
            return True
        same = unchanged(fact, before, after)
        return disj((same, became_worse(fact, before, after))) if fact == worse else same

    return link


def _falls(subject: Subject, bodies: tuple[Body, Body], name: str) -> bool:
    before, after = (
        URGENCIES.index(subject.triage.note(Consultation.model_validate(body), ANY_DAY)["urgency"][name])
        for body in bodies
    )
    return after < before


# More known


def _monotone(subject: Subject) -> Iterator[Failure | Remark]:
    twice = subject.twice
    cone = subject.finder.reader.cone(rule.when for rule in subject.rules)
    solver = twice.solver(cone, [*_learned(twice, cone), *twice.linked(cone, _within)])
    for rule in undone(twice, solver, subject.rules):
        yield Failure(f"{at(rule)} is undone by knowing more", _bodies_of(subject, twice, rule))


def _within(fact: Fact, before: Frame, after: Frame) -> Truth:
    old: Any = before[fact.name]
    new: Any = after[fact.name]
    return new.within(old)


def _learned(twice: Twice, cone: Cone) -> Iterator[Truth]:
    """More is screened, covered and listed; a row listed anew is one that was possible, unlisted, before."""
    old, new = twice.before.state, twice.after.state
    for group, none in old.none.items():
        yield implies(none, new.none[group])
    for place, covered in old.covered.items():
        yield implies(covered, new.covered[place])
    for table, exists in old.may_exist.items():
        yield implies(new.may_exist[table], exists)
    for table in cone.tables:
        names = [name for owner, name in cone.facts if owner == table]
        for was, row in zip(old.rows[table], new.rows[table], strict=True):
            kinds = [
                conj((kind.exists, *(kind[name].holds(row[name]) for name in names))) for kind in old.unlisted(table)
            ]
            yield implies(conj((row.listed, neg(was.listed))), disj(kinds))


def _bodies_of(subject: Subject, twice: Twice, rule: Rule) -> tuple[Body, ...]:
    cone = subject.finder.reader.cone([rule.when])
    solver = twice.solver(cone, [*_learned(twice, cone), *twice.linked(cone, _within), loss(twice, rule)])
    bodies = twice.bodies(solver, cone) if solver.check() == z3.sat else None
    if bodies is None:
        return ()
    index = subject.rules.index(rule)
    before, after = (subject.finder.judge.values(learn(Consultation.model_validate(body))) for body in bodies)
    was_true, was_open = index in before[0], index in before[1]
    lost = (was_true and index not in after[0]) or (not was_true and not was_open and index in (*after[0], *after[1]))
    return bodies if lost else ()


LAWS = (
    Law(
        "worse",
        "Making any one red-flag fact worse, all else the same, lowers neither urgency.at_least nor urgency.at_most.",
        _worse,
    ),
    Law(
        "learning",
        "Learning a fact, or of a row, undoes no decided rule: what is true stays true and what is false stays false.",
        _monotone,
    ),
)
