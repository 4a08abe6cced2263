"""From the bits of an undecided rule to what could be asked.

A screening group comes before its members, and an input before what is derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.triage.conditions import Same, atoms
from app.triage.facts import REPORTS, Fact, registry, row_list
from app.triage.judge import Judge
from app.triage.note.pattern import Pattern
from app.triage.screening import GROUPS

MOST_KEPT = 50_000
_ANY_IMAGING = ("radiograph", "ct", "mri")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Something to ask.

    `seen_on` is set for imaging findings: they are looked for, not asked. One object a question, so compared by
    identity.
    """

    fact: str
    text: str
    unit: str | None
    label: str
    seen_on: tuple[str, ...] | None = None

    def entry(self, raise_to: str | None, affects: list[str]) -> dict[str, Any]:
        """One entry of a note's `questions`."""
        return {
            "fact": self.fact,
            "question": self.text,
            "unit": self.unit,
            "could_raise_urgency_to": raise_to,
            "affects": affects,
        }


Questions = tuple[Question, ...]


@dataclass(slots=True)
class AskPlan:
    """Which question stands behind each bit; worked out once per rulebook."""

    judge: Judge
    by_name: dict[str, Question] = field(default_factory=dict)
    of_bit: list[Questions] = field(default_factory=list)
    group_bits: dict[str, int] = field(default_factory=dict)
    _of_fact: dict[tuple[str | None, str], Questions] = field(default_factory=dict)
    _inputs: dict[tuple[str | None, str], tuple[Fact, ...]] = field(default_factory=dict)
    _groups: dict[tuple[int, frozenset[str]], Questions] = field(default_factory=dict)
    _flags: dict[tuple[int, Questions], dict[str, Any]] = field(default_factory=dict)
    apart: dict[tuple[int, tuple[tuple[int, int], ...], frozenset[str]], Questions] = field(default_factory=dict)
    derived_bits: int = 0

    def __post_init__(self) -> None:
        program = self.judge.program
        top = registry()[None]
        for group in GROUPS:
            self._add(f"screening.{group}", top[f"screening.{group}"])
        self.group_bits = dict.fromkeys(GROUPS, 0)
        items: list[Fact | Same] = [*program.facts, *program.sames]
        for number, item in enumerate(items):
            facts = [atom.fact for atom in atoms(item)] if isinstance(item, Same) else [item]
            for name in {group for fact in facts for group in fact.groups}:
                self.group_bits[name] |= 1 << number
            self.of_bit.append(() if isinstance(item, Same) else self.of_fact(item))
            if isinstance(item, Same) or self.inputs_of(item):
                self.derived_bits |= 1 << number

    def of_fact(self, fact: Fact) -> Questions:
        """The questions that would settle a fact itself, its group left aside."""
        key = (fact.table, fact.name)
        found = self._of_fact.get(key)
        if found is None:
            found = self._of_fact[key] = self._settling(fact)
        return found

    def unasked_bits(self, group: str, unasked: frozenset[str]) -> int:
        """Bits that an unasked group would settle. The reports are only asked about once a fact's own group was."""
        bits = self.group_bits[group]
        if group == REPORTS:
            for other in unasked - {REPORTS}:
                bits &= ~self.group_bits[other]
        return bits

    def groups(self, hit: int, unasked: frozenset[str]) -> Questions:
        """The unasked screening groups behind bits that all belong to such groups."""
        found = self._groups.get((hit, unasked))
        if found is None:
            names = [group for group in GROUPS if group in unasked and self.unasked_bits(group, unasked) & hit]
            found = tuple(self.by_name[f"screening.{name}"] for name in names)
            if len(self._groups) < MOST_KEPT:
                self._groups[hit, unasked] = found
        return found

    def flag(self, index: int, entry: dict[str, Any], questions: Questions) -> dict[str, Any]:
        """A red flag's entry with what to ask; entries that say the same are one object, never changed."""
        found = self._flags.get((index, questions))
        if found is None:
            found = entry | {"ask": asked_facts(questions)}
            if len(self._flags) < MOST_KEPT:
                self._flags[index, questions] = found
        return found

    def input_names(self) -> frozenset[str]:
        """The names of all facts that others are worked out from, as questions name them."""
        program = self.judge.program
        facts = {*program.facts, *(fact for table in program.tables.values() for fact in table.facts)}
        return frozenset(part.full_name for fact in facts for part in self.inputs_of(fact))

    def inputs_of(self, fact: Fact) -> tuple[Fact, ...]:
        """The facts that a derived fact, or a summed score, is worked out from; none for any other fact."""
        found = self._inputs.get((fact.table, fact.name))
        if found is None:
            known = registry()[fact.table]
            if fact.name in known:
                found = tuple(known[name] for name in fact.inputs)
            else:
                options = [
                    when for part in self.judge.rulebook.scores[fact.name].components for when, _ in part.options
                ]
                found = tuple(dict.fromkeys(atom.fact for when in options for atom in atoms(when)))
            self._inputs[fact.table, fact.name] = found
        return found

    def _settling(self, fact: Fact) -> Questions:
        inputs = self.inputs_of(fact)
        if inputs:
            return tuple(dict.fromkeys(question for part in inputs for question in self.of_fact(part)))
        if fact.table == "level":
            return (self._add(f"imaging.levels.{fact.name}", fact, fact.seen_on),) if fact.seen_on else ()
        if fact.table is not None:
            name, text, label = row_list(fact.table)
            return (self.by_name.setdefault(name, Question(name, text, None, label)),)
        seen_on = _ANY_IMAGING if fact.name.startswith("imaging.") else None
        return (self._add(fact.name, fact, seen_on),) if fact.question else ()

    def _add(self, name: str, fact: Fact, seen_on: tuple[str, ...] | None = None) -> Question:
        text = f"In a report: {fact.question}" if seen_on else fact.question
        return self.by_name.setdefault(name, Question(name, text, fact.unit, fact.label, seen_on))


class Asking:
    """Turns open bits into questions for one pattern.

    A red flag that an unasked group keeps open asks for groups alone, since their "none" may settle it.
    """

    def __init__(self, plan: AskPlan, pattern: Pattern) -> None:
        self._plan, self._pattern = plan, pattern
        self._row_open = dict(pattern.row_open)
        self._unasked_bits = 0
        for group in pattern.unasked:
            self._unasked_bits |= plan.unasked_bits(group, pattern.unasked)
        self._memo: dict[int, Questions] = {}

    def flag(self, index: int, entry: dict[str, Any], questions: Questions) -> dict[str, Any]:
        """A red flag's entry with what to ask."""
        return self._plan.flag(index, entry, questions)

    def about_flag(self, bits: int) -> Questions:
        """For a red flag: unasked groups alone where there are any, else its facts one by one."""
        hit = bits & self._unasked_bits
        return self._plan.groups(hit, self._pattern.unasked) if hit else self.about(bits)

    def about(self, bits: int) -> Questions:
        """For any other statement: unasked groups, and the facts outside them."""
        found = self._memo.get(bits)
        if found is None:
            hit = bits & self._unasked_bits
            found = self._memo[bits] = (*self._plan.groups(hit, self._pattern.unasked), *self._apart(bits & ~hit))
        return found

    def _apart(self, bits: int) -> Questions:
        """The facts behind bits, one by one. The same few sets come back in many patterns, so they are kept."""
        rows = bits >> len(self._plan.judge.program.facts)
        opened = tuple([pair for pair in self._pattern.row_open if rows >> pair[0] & 1]) if rows else ()
        told = self._pattern.inputs if bits & self._plan.derived_bits else frozenset[str]()
        found = self._plan.apart.get((bits, opened, told))
        if found is None:
            found = self._singly(bits)
            if len(self._plan.apart) < MOST_KEPT:
                self._plan.apart[bits, opened, told] = found
        not_known = self._pattern.not_known
        return tuple([question for question in found if question.fact not in not_known]) if not_known else found

    def _singly(self, bits: int) -> Questions:
        asked: dict[Question, None] = {}
        while bits:
            low = bits & -bits
            bits ^= low
            asked.update(dict.fromkeys(self._of_bit(low.bit_length() - 1)))
        return tuple(asked)

    def _of_bit(self, number: int) -> Iterable[Question]:
        program = self._plan.judge.program
        if number < len(program.facts):
            return self._untold(program.facts[number])
        same = number - len(program.facts)
        facts = program.tables[program.places[same][0]].facts
        opened = self._row_open[same]
        return [question for bit, fact in enumerate(facts) if opened >> bit & 1 for question in self._untold(fact)]

    def _untold(self, fact: Fact) -> Iterable[Question]:
        """What would settle a fact; of one that is worked out from others, what was not told of them yet."""
        told = self._pattern.inputs if self._plan.inputs_of(fact) else frozenset[str]()
        return [question for question in self._plan.of_fact(fact) if question.fact not in told]


def asked_facts(questions: Questions) -> list[str]:
    """The names to show under `ask`: what a person can answer first, then what imaging would show."""
    return [q.fact for q in questions if q.seen_on is None] + [q.fact for q in questions if q.seen_on is not None]
