"""From the bits of an undecided rule to what could be asked: a screening group before its members, an input before what is derived from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.triage.conditions import Same, atoms
from app.triage.facts import Fact, registry
from app.triage.judge import Judge, Judgement
from app.triage.known import GROUPS

_ROW_QUESTIONS = {
    "deficit": ("examination.motor", "Which movements are weak, on which side, of what MRC grade, since when, and is it getting worse?", "graded strength"),
    "surgery": ("history.prior_surgery", "Which earlier operations, at which levels, and how long ago?", "earlier operations"),
    "course": ("treatments.courses", "Which treatments were tried, for how long, and with what result?", "treatments tried"),
}
_ANY_IMAGING = ("radiograph", "ct", "mri")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Something to ask. `seen_on` is set for imaging findings: they are looked for, not asked. One object a question, so compared by identity."""

    fact: str
    text: str
    unit: str | None
    label: str
    seen_on: tuple[str, ...] | None = None

    def entry(self, raise_to: str | None, affects: list[str]) -> dict[str, Any]:
        """One entry of a note's `questions`."""
        return {"fact": self.fact, "question": self.text, "unit": self.unit, "could_raise_urgency_to": raise_to, "affects": affects}


Questions = tuple[Question, ...]


@dataclass(slots=True)
class AskPlan:
    """Which question stands behind each bit; worked out once per rulebook."""

    judge: Judge
    by_name: dict[str, Question] = field(default_factory=dict)
    of_bit: list[Questions] = field(default_factory=list)
    group_bits: dict[str, int] = field(default_factory=dict)
    groups_of: dict[tuple[int, frozenset[str]], Questions] = field(default_factory=dict)
    of_rows: dict[tuple[int, int], Questions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.judge.program
        top = registry()[None]
        for group in GROUPS:
            self._add(f"screening.{group}", top[f"screening.{group}"])
        self.group_bits = dict.fromkeys(GROUPS, 0)
        for number, item in enumerate((*program.facts, *program.sames)):
            groups = {atom.fact.group for atom in atoms(item)} if isinstance(item, Same) else {item.group}
            for group in groups - {None}:
                self.group_bits[str(group)] |= 1 << number
            self.of_bit.append(() if isinstance(item, Same) else self.of_fact(item))

    def of_fact(self, fact: Fact) -> Questions:
        """The questions that would settle a fact itself, its group left aside."""
        facts = registry()[fact.table]
        if fact.inputs:
            return tuple(question for name in fact.inputs for question in self.of_fact(facts[name]))
        if fact.table == "level":
            return (self._add(f"imaging.levels.{fact.name}", fact, fact.seen_on),) if fact.seen_on else ()
        if fact.table is not None:
            name, text, label = _ROW_QUESTIONS[fact.table]
            return (self.by_name.setdefault(name, Question(name, text, None, label)),)
        return (self._add(fact.name, fact, _ANY_IMAGING if fact.name.startswith("imaging.") else None),) if fact.question else ()

    def _add(self, name: str, fact: Fact, seen_on: tuple[str, ...] | None = None) -> Question:
        return self.by_name.setdefault(name, Question(name, fact.question, fact.unit, fact.label, seen_on))


class Asking:
    """Turns open bits into questions for one consultation.

    A red flag that an unasked group keeps open asks for groups alone, since their "none" may settle it (see `open_flags`).
    """

    def __init__(self, plan: AskPlan, judgement: Judgement) -> None:
        known = judgement.known
        self._plan, self._known = plan, known
        self._unasked = frozenset(group for group in GROUPS if group not in known.screened and f"screening.{group}" not in known.not_known)
        self.unasked_bits = 0
        for group in self._unasked:
            self.unasked_bits |= plan.group_bits[group]
        self._memo: dict[int, Questions] = {}
        self._by_bit: dict[int, Questions] = {}

    def about(self, bits: int) -> Questions:
        """For any other statement: unasked groups, and the facts outside them."""
        found = self._memo.get(bits)
        if found is None:
            hit = bits & self.unasked_bits
            found = self._memo[bits] = (*self.groups(hit), *self.singly(bits & ~hit))
        return found

    def groups(self, hit: int) -> Questions:
        """The unasked screening groups behind bits that all belong to such groups."""
        if not hit:
            return ()
        found = self._plan.groups_of.get((hit, self._unasked))
        if found is None:
            names = [group for group in GROUPS if group in self._unasked and self._plan.group_bits[group] & hit]
            found = self._plan.groups_of[hit, self._unasked] = tuple(self._plan.by_name[f"screening.{name}"] for name in names)
        return found

    def singly(self, bits: int) -> Questions:
        """The facts behind bits, one by one."""
        asked: dict[Question, None] = {}
        while bits:
            low = bits & -bits
            bits ^= low
            number = low.bit_length() - 1
            found = self._by_bit.get(number)
            if found is None:
                found = self._by_bit[number] = tuple(q for q in self._of_bit(number) if q.fact not in self._known.not_known)
            for question in found:
                asked[question] = None
        return tuple(asked)

    def _of_bit(self, number: int) -> Iterable[Question]:
        program = self._plan.judge.program
        if number < len(program.facts):
            known = program.facts[number].inputs and self._known.stated
            return [q for q in self._plan.of_bit[number] if not known or q.fact not in known]
        return self._of_rows(number - len(program.facts))

    def _of_rows(self, same: int) -> Questions:
        judge = self._plan.judge
        opened = judge.open_in_rows(same, self._known)
        found = self._plan.of_rows.get((same, opened))
        if found is None:
            facts = judge.program.tables[judge.program.places[same][0]].facts
            found = tuple(question for bit, fact in enumerate(facts) if opened >> bit & 1 for question in self._plan.of_fact(fact))
            self._plan.of_rows[same, opened] = found
        return found


def asked_facts(questions: Questions) -> list[str]:
    """The names to show under `ask`: what a person can answer first, then what imaging would show."""
    return [q.fact for q in questions if q.seen_on is None] + [q.fact for q in questions if q.seen_on is not None]
