"""Two states of knowledge side by side, linked fact by fact: as it was, and as it became."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import z3

from app.governance.solver import Finder
from app.governance.solver.conditions import Reading
from app.governance.solver.cone import Cone
from app.governance.solver.logic import Truth, conj, disj, implies, neg, same
from app.governance.solver.plain import plain, told_cone
from app.governance.solver.search import add, possible, rows_for, solver_of
from app.governance.solver.states import Frame, State
from app.governance.solver.witness import Body
from app.governance.solver.writing import body_of
from app.triage.facts import TABLES, Fact, registry
from app.triage.rulebook import Rule

Link = Callable[[Fact, Frame, Frame], Truth]
"""How what is known of a fact became what it is."""


class Twice:
    """A rulebook's rules read in a state before and in a state after, with so many listed rows in each."""

    def __init__(self, finder: Finder, rows: Mapping[str, int]) -> None:
        self.finder = finder
        self.before = Reading(State("before ", finder.classes, rows), finder.rulebook.scores)
        self.after = Reading(State("after ", finder.classes, rows), finder.rulebook.scores)

    def linked(self, cone: Cone, link: Link) -> Iterator[Truth]:
        """The facts of a cone, each linked, in the consultation and in the rows listed before."""
        for table in (None, *TABLES):
            facts = [registry()[table][name] for owner, name in sorted(cone.facts, key=_by_name) if owner == table]
            for old, new in zip(self.before.state.frames(table), self.after.state.frames(table), strict=True):
                yield implies(old.listed, conj([new.listed, *(link(fact, old, new) for fact in facts)]))

    def solver(self, cone: Cone, truths: Iterable[Truth]) -> Any:
        """A solver for both states."""
        sound = [*self.before.state.sound(cone), *self.after.state.sound(cone)]
        return solver_of([*sound, *truths])

    def no_new_rows(self) -> Iterator[Truth]:
        """Every row was listed before."""
        for table, rows in self.before.state.rows.items():
            for old, new in zip(rows, self.after.state.rows[table], strict=True):
                yield implies(new.listed, old.listed)

    def bodies(self, solver: Any, cone: Cone) -> tuple[Body, Body] | None:
        """A body for each state in which what the solver holds is so."""
        states, told = (self.before.state, self.after.state), told_cone(cone)
        solver.push()
        for state in states:
            add(solver, [*state.sound(told), *plain(state, told)])
        found = None
        if solver.check() == z3.sat:
            model = solver.model()
            found = body_of(model, states[0], told), body_of(model, states[1], told)
        solver.pop()
        return found


def _by_name(name: tuple[str | None, str]) -> str:
    return name[1]


def rows_of(rules: Iterable[Rule]) -> dict[str, int]:
    """Enough listed rows for any one of the rules, of any truth in each of two states."""
    each = [rows_for([(rule.when, "undecided")]) for rule in rules]
    return {table: max((rows[table] for rows in each), default=0) for table in TABLES}


def unchanged(fact: Fact, before: Frame, after: Frame) -> Truth:
    """The same is known of a fact."""
    old: Any = before[fact.name]
    new: Any = after[fact.name]
    return conj((new.within(old), old.within(new)))


def undone(twice: Twice, solver: Any, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that were true and are so no more, or were false and may be true, in what a solver holds."""
    lost = [loss(twice, rule) for rule in rules]
    if not possible(solver, [disj(lost)]):
        return []
    return [rule for rule, one in zip(rules, lost, strict=True) if possible(solver, [one])]


def loss(twice: Twice, rule: Rule) -> Truth:
    """One rule was true and is so no more, or was false and may be true."""
    before, after = twice.before.pair(rule.when), twice.after.pair(rule.when)
    return disj((conj((before[0], neg(after[0]))), conj((neg(before[1]), after[1]))))


def alike(state: State, other: State) -> Iterator[Truth]:
    """What is screened, covered and may exist unlisted is the same in both."""
    for group, none in state.none.items():
        yield same(none, other.none[group])
    for place, covered in state.covered.items():
        yield same(covered, other.covered[place])
    for table, exists in state.may_exist.items():
        yield same(exists, other.may_exist[table])
