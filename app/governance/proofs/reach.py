"""Laws about what notes can say at all: every category and every urgency, and their absence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from app.governance.proofs.law import ANY_DAY, Failure, Law, Remark, Subject
from app.governance.solver.logic import Truth, conj, disj, neg
from app.governance.solver.witness import is_shown_by
from app.triage import Consultation
from app.triage.rulebook import URGENCIES, Urgency


def _reach(subject: Subject) -> Iterator[Failure | Remark]:
    world, notes = subject.world, _Notes(subject)
    for plan in subject.plan.categories:
        name = str(plan.entry["category"])
        if not plan.rules["supports"]:
            yield Failure(f"{name} cannot be reached: no rule speaks for it")
            continue
        spoken_for = disj((world.note.possible(plan, "supports"), world.note.suppressed(plan)))
        if not notes.show(world.note.discussable(plan), partial(_is_discussable, name)):
            yield Failure(f"{name} cannot be reached: no consultation was found in which it is discussable")
        if not notes.show(neg(spoken_for), partial(_is_unspoken, name)):
            yield Failure(f"{name} cannot be missed: no consultation was found in which it is not spoken of")
    for tier, urgency in enumerate(URGENCIES):
        settled = conj((world.note.at_least(tier), neg(world.note.at_most(tier + 1))))
        other = disj((world.note.at_least(tier + 1), neg(world.note.at_most(tier))))
        if not notes.show(settled, partial(_is_settled, urgency)):
            yield Failure(f"{urgency} cannot be reached: no consultation was found that settles there")
        if not notes.show(other, partial(_is_left_out, urgency)):
            yield Failure(f"{urgency} cannot be missed: no consultation was found that settles elsewhere")


class _Notes:
    """The notes of the consultations found so far: one often shows what else is looked for."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._made: list[dict[str, Any]] = []

    def show(self, wanted: Truth, shows: Callable[[dict[str, Any]], bool]) -> bool:
        """Whether a note shows it: one made before, or that of a consultation found for it."""
        if any(shows(note) for note in self._made):
            return True
        body = self._subject.world.body(wanted)
        return body is not None and is_shown_by(body, lambda consultation: shows(self._note(consultation)))

    def _note(self, consultation: Consultation) -> dict[str, Any]:
        self._made.append(self._subject.triage.note(consultation, ANY_DAY, every_category=True))
        return self._made[-1]


def _status(name: str, note: dict[str, Any]) -> str | None:
    return next((str(entry["status"]) for entry in note["categories"] if entry["category"] == name), None)


def _is_discussable(name: str, note: dict[str, Any]) -> bool:
    return str(_status(name, note)).startswith("discussable")


def _is_unspoken(name: str, note: dict[str, Any]) -> bool:
    return _status(name, note) is None


def _is_settled(urgency: str, note: dict[str, Any]) -> bool:
    return bool(note["urgency"]["at_least"] == note["urgency"]["at_most"] == urgency)


def _is_left_out(urgency: Urgency, note: dict[str, Any]) -> bool:
    low, high = (URGENCIES.index(note["urgency"][end]) for end in ("at_least", "at_most"))
    return not low <= URGENCIES.index(urgency) <= high


LAWS = (
    Law(
        "reach",
        "Every category can be discussable and can go unspoken, and every urgency can be settled on and be left out: "
        "for each a consultation was found and its note read.",
        _reach,
    ),
)
