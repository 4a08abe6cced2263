"""Facts that nothing reads, and facts that are read but that no undecided statement could ever ask for."""

from __future__ import annotations

from collections.abc import Iterator

from app.governance.hygiene.finding import Finding
from app.governance.hygiene.places import Places, place_in_vocabulary, place_of
from app.triage.facts import Fact, registry
from app.triage.judge import Judge
from app.triage.note.asking import AskPlan
from app.triage.note.limits import TOLD_THROUGH, reach_of
from app.triage.rulebook import Rulebook

_PLACING = {("level", "level"), ("level", "region"), ("deficit", "limb")}
"""Facts that only say which row it is: the list cannot do without them."""
_DECLARED = "an entry in recorded.yaml that says why it is kept"
_ASKED = "a rule whose condition names it"


def fact_findings(book: Rulebook, judge: Judge, places: Places) -> Iterator[Finding]:
    """Every such fact, and every declaration of one as recorded that is no longer so."""
    read = reach_of(book).facts
    recorded = {name: group for group in book.recorded.values() for name in group.facts}
    plan = AskPlan(judge)
    asked = _asked(plan)
    declared = dict(places.entries("recorded", "recorded"))
    for table, facts in registry().items():
        for fact in facts.values():
            name = fact.full_name
            if name.startswith("screening.") or (table, fact.name) in _PLACING:
                continue
            is_read, names = (table, fact.name) in read, _names(plan, fact)
            if name in recorded and is_read and asked & names:
                node = declared[recorded[name].id]
                problem = f"{name} is declared as recorded only, and undecided rules ask for it"
                yield Finding(place_of(node), "recorded-but-asked", "note", problem, "take it out of this list")
            elif name in recorded or (table, fact.name) in TOLD_THROUGH:
                continue
            elif not is_read:
                yield _unread(fact, name)
            elif fact.question and not (fact.inputs or asked & names):
                problem = f"{name} is read, but no undecided rule could ever ask for it"
                yield Finding(place_in_vocabulary(fact), "unasked-fact", "note", problem, f"{_ASKED}, or {_DECLARED}")


def _unread(fact: Fact, name: str) -> Finding:
    what = "is worked out" if fact.inputs else "is asked for" if fact.question else "is taken"
    problem = f"{name} {what}, and no rule, score or note reads it"
    return Finding(place_in_vocabulary(fact), "unread-fact", "note", problem, f"a rule that reads it, or {_DECLARED}")


def _asked(plan: AskPlan) -> set[str]:
    """Names of all questions that some undecided rule could lead to."""
    program = plan.judge.program
    facts = [*program.facts, *(fact for table in program.tables.values() for fact in table.facts)]
    return {name for fact in facts for name in _names(plan, fact)}


def _names(plan: AskPlan, fact: Fact) -> set[str]:
    """The questions that would settle a fact: its own, or that of the list it stands in."""
    return {question.fact for question in plan.of_fact(fact)}
