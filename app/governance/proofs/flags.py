"""Laws about red flags: what a true one does to the urgency and to the procedures."""

from __future__ import annotations

from collections.abc import Iterator

from app.governance.proofs.law import ANY_DAY, Failure, Law, Remark, Subject, at, failing
from app.governance.proofs.reading import NoteReading, any_truths
from app.governance.solver.logic import conj, neg
from app.governance.solver.search import possible, solver_of
from app.governance.solver.witness import is_shown_by, smallest
from app.triage import Consultation
from app.triage.note.plan import EMERGENCY, CategoryPlan
from app.triage.rulebook import URGENCIES


def _never_routine(subject: Subject) -> Iterator[Failure | Remark]:
    """For any truths of the rules: no red flag is true while the urgency is below it, or routine."""
    truths = any_truths(len(subject.rules))
    reading, solver = NoteReading(subject.plan, truths), solver_of([])
    for index, rule in enumerate(subject.rules):
        tier = subject.plan.tiers[index]
        if rule.concludes.urgency is None and rule.concludes.action is None:
            continue
        if possible(solver, [truths[index][0], neg(reading.at_least(max(tier, 1)))]):
            found = subject.finder.find((rule.when, "true"), plainly=True)
            text = f"{at(rule)} can be true and its urgency is {URGENCIES[tier]}"
            yield failing(text, found.body)


def _suppression(subject: Subject) -> Iterator[Failure | Remark]:
    truths = any_truths(len(subject.rules))
    reading, solver = NoteReading(subject.plan, truths), solver_of([])
    for plan in subject.plan.categories:
        if _is_operation(subject, plan) and (
            possible(solver, [reading.at_least(EMERGENCY), reading.discussable(plan)])
        ):
            yield _unsuppressed(subject, plan)
    for index, rule in enumerate(subject.rules):
        for plan in subject.plan.categories:
            name = str(plan.entry["category"])
            if name not in rule.concludes.suppresses:
                continue
            if possible(solver, [truths[index][0], reading.discussable(plan)]):
                yield Failure(f"{at(rule)} suppresses {name}, which can be discussable while it is true")
            if (name, "supports") in subject.plan.rules[index].roles:
                found = subject.finder.find((rule.when, "true"), plainly=True)
                yield failing(f"{at(rule)} speaks for {name} and suppresses it", found.body)


def _is_operation(subject: Subject, plan: CategoryPlan) -> bool:
    """A procedure, and whatever is described as one: an operation for wear, or one with techniques."""
    category = subject.rulebook.categories[str(plan.entry["category"])]
    return category.kind == "procedure" or category.for_wear or bool(category.techniques)


def _unsuppressed(subject: Subject, plan: CategoryPlan) -> Failure:
    """A body in which an emergency is true and the operation is shown as one that could be discussed."""
    name = str(plan.entry["category"])

    def shows(consultation: Consultation) -> bool:
        note = subject.triage.note(consultation, ANY_DAY)
        open_now = {e["category"] for e in note["categories"] if e["status"].startswith("discussable")}
        return note["urgency"]["at_least"] == URGENCIES[EMERGENCY] and name in open_now

    body = subject.world.body(conj((subject.world.note.at_least(EMERGENCY), subject.world.note.discussable(plan))))
    shown = body is not None and is_shown_by(body, shows)
    text = f"{name} can be discussable while an emergency stands"
    return failing(text, smallest(body, shows) if body is not None and shown else None)


LAWS = (
    Law(
        "present-flag",
        "A red flag that is present is never routine, and the urgency is at least its own, whatever else is true "
        "(so the note reads any truths of the rules).",
        _never_routine,
    ),
    Law(
        "suppression",
        "While an emergency stands no procedure is discussable, and no red flag leaves discussable, or speaks for, "
        "what it suppresses (so the note reads any truths of the rules).",
        _suppression,
    ),
)
