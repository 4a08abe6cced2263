"""Laws about what notes can say at all: every category and every urgency, and their absence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import z3

from app.governance.proofs.law import Failure, Law, Remark, Subject
from app.governance.proofs.reading import NoteReading
from app.governance.solver.cone import Cone
from app.governance.solver.logic import Truth, conj, disj, neg
from app.governance.solver.plain import plain, told_cone
from app.governance.solver.search import rows_for, solver_of
from app.governance.solver.states import State
from app.governance.solver.witness import Body, is_shown_by
from app.governance.solver.writing import body_of
from app.triage import Consultation
from app.triage.rulebook import URGENCIES

_ANY_DAY = date(2000, 1, 1)
"""No rule reads the day of a note."""


@dataclass(frozen=True, slots=True)
class _World:
    """All rules in one state of bodies that can be written down."""

    solver: Any
    state: State
    cone: Cone
    note: NoteReading

    def body(self, wanted: Truth) -> Body | None:
        """A body in which something is so."""
        self.solver.push()
        self.solver.add(wanted)
        found = body_of(self.solver.model(), self.state, self.cone) if self.solver.check() == z3.sat else None
        self.solver.pop()
        return found


def _world(subject: Subject) -> _World:
    conditions = [rule.when for rule in subject.rules]
    needed = [rows_for([(when, "true")]) for when in conditions]
    reading = subject.finder.reading({table: max(rows[table] for rows in needed) for table in needed[0]})
    cone = told_cone(subject.finder.reader.cone(conditions))
    pairs = [reading.pair(when) for when in conditions]
    solver = solver_of([*reading.state.sound(cone), *plain(reading.state, cone)])
    return _World(solver, reading.state, cone, NoteReading(subject.plan, pairs))


def _reach(subject: Subject) -> Iterator[Failure | Remark]:
    world = _world(subject)
    for plan in subject.plan.categories:
        name = str(plan.entry["category"])
        if not plan.rules["supports"]:
            yield Failure(f"{name} cannot be reached: no rule speaks for it")
            continue
        spoken_for = disj((world.note.possible(plan, "supports"), world.note.suppressed(plan)))
        discussable = partial(_shows_category, subject, name, discussable=True)
        absent = partial(_shows_category, subject, name, discussable=False)
        if not _shown(world, world.note.discussable(plan), discussable):
            yield Failure(f"{name} cannot be reached: no consultation was found in which it is discussable")
        if not _shown(world, neg(spoken_for), absent):
            yield Failure(f"{name} cannot be missed: no consultation was found in which it is not spoken of")
    for tier, urgency in enumerate(URGENCIES):
        settled = conj((world.note.at_least(tier), neg(world.note.at_most(tier + 1))))
        other = disj((world.note.at_least(tier + 1), neg(world.note.at_most(tier)))) if tier else world.note.at_least(1)
        if not _shown(world, settled, partial(_shows_urgency, subject, urgency, reached=True)):
            yield Failure(f"{urgency} cannot be reached: no consultation was found that settles there")
        if not _shown(world, other, partial(_shows_urgency, subject, urgency, reached=False)):
            yield Failure(f"{urgency} cannot be missed: no consultation was found that settles elsewhere")


def _shown(world: _World, wanted: Truth, shows: Any) -> bool:
    if isinstance(wanted, bool):
        wanted = z3.BoolVal(wanted)
    body = world.body(wanted)
    return body is not None and is_shown_by(body, shows)


def _shows_category(subject: Subject, name: str, consultation: Consultation, *, discussable: bool) -> bool:
    note = subject.triage.note(consultation, _ANY_DAY)
    status = next((entry["status"] for entry in note["categories"] if entry["category"] == name), None)
    return str(status).startswith("discussable") if discussable else status is None


def _shows_urgency(subject: Subject, name: str, consultation: Consultation, *, reached: bool) -> bool:
    urgency = subject.triage.note(consultation, _ANY_DAY)["urgency"]
    if reached:
        return bool(urgency["at_least"] == urgency["at_most"] == name)
    low, high, own = (URGENCIES.index(each) for each in (urgency["at_least"], urgency["at_most"], name))
    return not low <= own <= high


LAWS = (
    Law(
        "reach",
        "Every category can be discussable and can go unspoken, and every urgency can be settled on and be left out: "
        "for each a consultation was found and its note read.",
        _reach,
    ),
)
