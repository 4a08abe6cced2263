"""Laws about what rules say beside each other: no contradiction without a word, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from app.governance.proofs.law import Failure, Law, Remark, Subject, at, failing
from app.governance.proofs.reading import NoteReading, any_truths
from app.governance.solver.logic import Truth, conj, disj, neg
from app.governance.solver.search import add, possible, rows_for, solver_of
from app.triage.note.plan import Role
from app.triage.rulebook import Conclusions, Rule

_TAKES_BACK: tuple[Role, ...] = ("rules_out", "defers")


def _contradictions(subject: Subject) -> Iterator[Failure | Remark]:
    note, solver = NoteReading(subject.plan, any_truths(len(subject.rules))), solver_of([])
    for plan in subject.plan.categories:
        name = str(plan.entry["category"])
        taken_back = disj(note.held(plan, role) for role in _TAKES_BACK)
        if possible(solver, [note.discussable(plan), taken_back]):
            yield Failure(f"{name} can be discussable while a rule that rules it out or defers it is true")
        against = {index for role in (*_TAKES_BACK, "opposes") for index in plan.rules[role]}
        for index in plan.rules["supports"]:
            if index in against:
                found = subject.finder.find((subject.rules[index].when, "true"), plainly=True)
                yield failing(f"{at(subject.rules[index])} speaks both for and against {name}", found.body)
        yield from _swallowed(subject, name, plan.rules["supports"], [i for r in _TAKES_BACK for i in plan.rules[r]])


def _swallowed(subject: Subject, name: str, supports: tuple[int, ...], takes_back: list[int]) -> Iterator[Failure]:
    """Support that can never stand: wherever it is given, one other rule takes it back."""
    for index in supports:
        for other in takes_back:
            one, against = subject.rules[index], subject.rules[other]
            if one is against or not subject.finder.never((one.when, "true"), (against.when, "not true")):
                continue
            found = subject.finder.find((one.when, "true"), plainly=True)
            text = f"{at(one)} speaks for {name} only where {at(against)} takes it back"
            yield failing(text, found.body)


def _copies(subject: Subject) -> Iterator[Failure | Remark]:
    alike: dict[Any, list[Rule]] = {}
    for rule in subject.rules:
        alike.setdefault(_says(rule), []).append(rule)
    for rules in alike.values():
        if len(rules) > 1:
            yield from _equivalent(subject, rules)


def _says(rule: Rule) -> Any:
    """What a rule concludes. Of a rule that only adds a sentence to the note, the sentence is the conclusion."""
    concludes = rule.concludes
    effects = tuple(getattr(concludes, key) for key in Conclusions.__slots__ if key not in {"action", "imaging"})
    acts = concludes.urgency is not None or any((concludes.suppresses, concludes.supports, concludes.rules_out))
    return effects if acts or concludes.defers else (*effects, concludes.imaging, rule.says)


def _equivalent(subject: Subject, rules: list[Rule]) -> Iterator[Failure]:
    """Pairs that no state of knowledge tells apart. One model in which a rule is true tells it from many at once."""
    finder = subject.finder
    reading = finder.reading(_rows(rules))
    solver = solver_of(reading.state.sound(finder.reader.cone(rule.when for rule in rules)))
    pairs = [reading.pair(rule.when) for rule in rules]
    apart: set[tuple[int, int]] = set()
    for number, (certain, _) in enumerate(pairs):
        _tell_apart(solver, certain, pairs, apart, number)
        for other in range(number + 1, len(rules)):
            if (number, other) in apart:
                continue
            if not possible(solver, [_differ(pairs[number], pairs[other])]):
                found = finder.find((rules[number].when, "true"), plainly=True)
                text = f"{at(rules[other])} is a copy of {at(rules[number])}: always true, undecided and false together"
                yield failing(text, found.body)


def _tell_apart(solver: Any, certain: Truth, pairs: list[Any], apart: set[tuple[int, int]], number: int) -> None:
    solver.push()
    add(solver, [certain])
    if solver.check() == z3.sat:
        model = solver.model()
        for other, (theirs, _) in enumerate(pairs):
            if other != number and not (isinstance(theirs, bool) and theirs) and z3.is_false(model.eval(theirs)):
                apart |= {(number, other), (other, number)}
    solver.pop()


def _differ(one: tuple[Truth, Truth], other: tuple[Truth, Truth]) -> Truth:
    return disj(
        disj((conj((mine, neg(theirs))), conj((neg(mine), theirs)))) for mine, theirs in zip(one, other, strict=True)
    )


def _rows(rules: list[Rule]) -> dict[str, int]:
    """Enough listed rows for any two of the rules, each true or not."""
    each = [rows_for([(rule.when, "undecided")]) for rule in rules]
    return {table: sum(sorted((rows[table] for rows in each), reverse=True)[:2]) for table in each[0]}


LAWS = (
    Law(
        "no-contradiction",
        "No category is discussable while a rule that rules it out or defers it is true (so the note reads any truths "
        "of the rules; the reasons against stand beside it); no rule speaks for and against the same category, or only "
        "where another takes it back.",
        _contradictions,
    ),
    Law(
        "no-copies",
        "No two rules that conclude the same have the same condition, however it is written.",
        _copies,
    ),
)
