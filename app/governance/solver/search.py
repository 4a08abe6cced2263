"""Looking for a consultation in which conditions have certain truths, or proving that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import z3

from app.governance.solver.classes import Classes
from app.governance.solver.conditions import Reading
from app.governance.solver.cone import Cone, Name, Reader, closed
from app.governance.solver.logic import Truth, conj, neg
from app.governance.solver.plain import plain, told_cone
from app.governance.solver.states import State
from app.governance.solver.witness import Body, is_shown_by, smallest
from app.governance.solver.writing import body_of
from app.triage import Consultation, Rulebook
from app.triage.conditions import All, AnyOf, AtLeast, Condition, Not, Same
from app.triage.facts import TABLES
from app.triage.judge import Judge
from app.triage.known import learn

Want = Literal["true", "false", "undecided", "not true", "possible"]
"""The truth that is looked for; `possible` is true or undecided."""
Demand = tuple[Condition, Want]
Extra = Callable[[State], Iterable[Truth]]
"""What else shall hold of the state."""

_USUAL_ROWS = {"level": 3, "deficit": 3, "surgery": 2, "course": 2}


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a search.

    `none` says that no consultation answers it, contradictory ones included: a proof. `body` is one that does, as small
    as it can be and confirmed by the evaluator. Neither means that nothing was proven and nothing was found.
    """

    none: bool
    body: Body | None


class Finder:
    """Searches over the consultations that a rulebook can meet. Cheap to make; states are encoded once and kept."""

    def __init__(self, rulebook: Rulebook, conditions: Sequence[Condition] | None = None) -> None:
        """`conditions` are those that will be asked about, where they are not the rules'."""
        self.rulebook = rulebook
        self._conditions = [rule.when for rule in rulebook.rules] if conditions is None else list(conditions)
        self.reader = Reader(rulebook.scores)
        self.classes = Classes(atom for condition in self._conditions for atom in self.reader.atoms(condition))
        self._readings: dict[tuple[int, ...], Reading] = {}
        self._places = {id(rule.when): index for index, rule in enumerate(rulebook.rules)}

    def find(
        self, *demands: Demand, extra: Extra | None = None, about: Iterable[Name] = (), plainly: bool = False
    ) -> Found:
        """A consultation in which every demanded condition has the truth that is wanted of it.

        extra    what else shall hold of the state
        about    facts that `extra` reads
        plainly  look for a body at once, where a proof that there is none is not of interest
        """
        reading = self.reading(rows_for(demands))
        state = reading.state
        cone = self.reader.cone(condition for condition, _ in demands)
        cone = Cone(closed([*cone.facts, *about]), cone.tables | {table for table, _ in about if table is not None})
        asked = [truth(reading, demand) for demand in demands]
        if extra is not None:
            asked += extra(state)
        solver = solver_of([*state.sound(cone), *asked])
        if not plainly and solver.check() == z3.unsat:
            return Found(none=True, body=None)
        told = told_cone(cone)
        add(solver, [*state.sound(told), *plain(state, told)])
        if solver.check() != z3.sat:
            return Found(none=False, body=None)
        body = body_of(solver.model(), state, told)
        shows = self.shows(demands)
        return Found(none=False, body=smallest(body, shows) if is_shown_by(body, shows) else None)

    def never(self, *demands: Demand) -> bool:
        """Whether no consultation answers all demands: the proof alone, without looking for a body."""
        reading = self.reading(rows_for(demands))
        cone = self.reader.cone(condition for condition, _ in demands)
        solver = solver_of([*reading.state.sound(cone), *(truth(reading, demand) for demand in demands)])
        return bool(solver.check() == z3.unsat)

    def reading(self, rows: Mapping[str, int]) -> Reading:
        """The encoding with at least so many listed rows."""
        key = tuple(max(rows.get(table, 0), _USUAL_ROWS[table]) for table in TABLES)
        if key not in self._readings:
            state = State("", self.classes, dict(zip(TABLES, key, strict=True)))
            self._readings[key] = Reading(state, self.rulebook.scores)
        return self._readings[key]

    def shows(self, demands: Sequence[Demand]) -> Callable[[Consultation], bool]:
        """Whether the evaluator says of a consultation what is demanded."""
        places = [self._places.get(id(condition)) for condition, _ in demands]
        judge = self.judge if None not in places else self._judge_of([condition for condition, _ in demands])
        numbers = range(len(demands)) if None in places else places
        wants = [(number, want) for number, (_, want) in zip(numbers, demands, strict=True)]

        def agrees(consultation: Consultation) -> bool:
            true, undecided = judge.values(learn(consultation))
            return all(
                _is(want, certain=number in true, possible=number in true or number in undecided)
                for number, want in wants
            )

        return agrees

    @cached_property
    def judge(self) -> Judge:
        """The evaluator of the rulebook."""
        return Judge(self.rulebook)

    def _judge_of(self, conditions: Sequence[Condition]) -> Judge:
        rule = self.rulebook.rules[0]
        return Judge(replace(self.rulebook, rules=tuple(replace(rule, when=when) for when in conditions)))


def truth(reading: Reading, demand: Demand) -> Truth:
    """A demand as a formula."""
    certain, possible = reading.pair(demand[0])
    match demand[1]:
        case "true":
            return certain
        case "false":
            return neg(possible)
        case "undecided":
            return conj((possible, neg(certain)))
        case "not true":
            return neg(certain)
        case "possible":
            return possible


def _is(want: Want, *, certain: bool, possible: bool) -> bool:
    match want:
        case "true":
            return certain
        case "false":
            return not possible
        case "undecided":
            return possible and not certain
        case "not true":
            return not certain
        case "possible":
            return possible


def rows_for(demands: Iterable[Demand]) -> dict[str, int]:
    """How many listed rows of each table are enough: one for each `Same` that has to be true or possible."""
    found: dict[str, set[int]] = {table: set() for table in TABLES}
    for condition, want in demands:
        if want in {"true", "possible", "undecided"}:
            _count(condition, found, positive=True)
        if want in {"false", "not true", "undecided"}:
            _count(condition, found, positive=False)
    return {table: len(same) for table, same in found.items()}


def _count(condition: Condition, found: dict[str, set[int]], *, positive: bool) -> None:
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                _count(part, found, positive=positive)
        case Not(part):
            _count(part, found, positive=not positive)
        case Same(table, _) if positive:
            found[table].add(id(condition))
        case _:
            pass


def solver_of(truths: Iterable[Truth]) -> Any:
    """A solver that holds some truths. Everything is a choice among finitely many, so it always comes to an end."""
    solver = z3.SolverFor("QF_FD")
    add(solver, truths)
    return solver


def possible(solver: Any, truths: Iterable[Truth]) -> bool:
    """Whether these can hold beside what the solver holds, which stays as it is."""
    solver.push()
    add(solver, truths)
    found = solver.check() != z3.unsat
    solver.pop()
    return bool(found)


def add(solver: Any, truths: Iterable[Truth]) -> None:
    """Hold some more truths."""
    for one in truths:
        if one is not True:
            solver.assert_exprs(z3.BoolVal(val=False) if one is False else one)
