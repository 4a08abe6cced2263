"""Two states of knowledge side by side, linked fact by fact: as it was, and as it became."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import z3

from app.governance.solver import Finder
from app.governance.solver.conditions import Reading
from app.governance.solver.cone import Cone
from app.governance.solver.logic import Truth, conj, implies
from app.governance.solver.plain import plain, told_cone
from app.governance.solver.search import add, solver_of
from app.governance.solver.states import Frame, State
from app.governance.solver.witness import Body
from app.governance.solver.writing import body_of
from app.triage.facts import TABLES, Fact, registry

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


def alike(state: State, other: State) -> Iterator[Truth]:
    """What is screened, covered and may exist unlisted is the same in both."""
    for group, none in state.none.items():
        yield none == other.none[group]
    for place, covered in state.covered.items():
        yield covered == other.covered[place]
    for table, exists in state.may_exist.items():
        yield exists == other.may_exist[table]
