"""All rules at once in one state of bodies that can be written down, to look for notes that say something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import z3

from app.governance.proofs.reading import NoteReading
from app.governance.solver import Finder
from app.governance.solver.cone import Cone
from app.governance.solver.logic import Truth
from app.governance.solver.plain import plain, told_cone
from app.governance.solver.search import add, rows_for, solver_of
from app.governance.solver.states import State
from app.governance.solver.witness import Body
from app.governance.solver.writing import body_of
from app.triage.note.plan import NotePlan


@dataclass(frozen=True, slots=True)
class World:
    """All rules in one state of bodies that can be written down."""

    solver: Any
    state: State
    cone: Cone
    note: NoteReading

    def body(self, wanted: Truth) -> Body | None:
        """A body in which something is so."""
        self.solver.push()
        add(self.solver, [wanted])
        found = body_of(self.solver.model(), self.state, self.cone) if self.solver.check() == z3.sat else None
        self.solver.pop()
        return found


def world_of(finder: Finder, plan: NotePlan) -> World:
    """The rules of a finder's rulebook, with as many listed rows as any one of them needs to be true."""
    conditions = [rule.when for rule in finder.rulebook.rules]
    needed = [rows_for([(when, "true")]) for when in conditions]
    reading = finder.reading({table: max(rows[table] for rows in needed) for table in needed[0]})
    cone = told_cone(finder.reader.cone(conditions))
    pairs = [reading.pair(when) for when in conditions]
    solver = solver_of([*reading.state.sound(cone), *plain(reading.state, cone)])
    return World(solver, reading.state, cone, NoteReading(plan, pairs))
