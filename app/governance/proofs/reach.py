"""Laws about what notes can say at all: every category and every urgency, and their absence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from app.governance.proofs.law import ANY_DAY, Failure, Law, Remark, Subject
from app.governance.proofs.world import World
from app.governance.solver.logic import Truth, conj, disj, neg
from app.governance.solver.witness import is_shown_by
from app.triage import Consultation
from app.triage.rulebook import URGENCIES


def _reach(subject: Subject) -> Iterator[Failure | Remark]:
    world = subject.world
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
        other = disj((world.note.at_least(tier + 1), neg(world.note.at_most(tier))))
        if not _shown(world, settled, partial(_shows_urgency, subject, urgency, reached=True)):
            yield Failure(f"{urgency} cannot be reached: no consultation was found that settles there")
        if not _shown(world, other, partial(_shows_urgency, subject, urgency, reached=False)):
            yield Failure(f"{urgency} cannot be missed: no consultation was found that settles elsewhere")


def _shown(world: World, wanted: Truth, shows: Callable[[Consultation], bool]) -> bool:
    body = world.body(wanted)
    return body is not None and is_shown_by(body, shows)


def _shows_category(subject: Subject, name: str, consultation: Consultation, *, discussable: bool) -> bool:
    note = subject.triage.note(consultation, ANY_DAY)
    status = next((entry["status"] for entry in note["categories"] if entry["category"] == name), None)
    return str(status).startswith("discussable") if discussable else status is None


def _shows_urgency(subject: Subject, name: str, consultation: Consultation, *, reached: bool) -> bool:
    urgency = subject.triage.note(consultation, ANY_DAY)["urgency"]
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
