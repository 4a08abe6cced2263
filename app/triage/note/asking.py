"""From the bits of an undecided rule to what could be asked: a screening group before its members, an input before what is derived from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.triage.conditions import Same
from app.triage.facts import Fact, registry
from app.triage.judge import Judge, Judgement
from app.triage.known import Known

_ROW_QUESTIONS = {
    "deficit": ("examination.motor", "Which movements are weak, on which side, of what MRC grade, since when, and is it getting worse?"),
    "surgery": ("history.prior_surgery", "Which earlier operations, at which levels, and how long ago?"),
    "course": ("treatments.courses", "Which treatments were tried, for how long, and with what result?"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask. `seen_on` is set for imaging findings: they are looked for, not asked."""

    fact: str
    question: str
    unit: str | None = None
    seen_on: tuple[str, ...] | None = None
    label: str = ""


class Asking:
    """Turns open bits into questions for one consultation; results are kept for the length of one note."""

    def __init__(self, judge: Judge, judgement: Judgement) -> None:
        self._judge, self._judgement = judge, judgement
        self._known: Known = judgement.known
        self._by_bits: dict[int, tuple[Question, ...]] = {}
        self._by_bit: dict[int, tuple[Question, ...]] = {}

    def questions(self, bits: int) -> tuple[Question, ...]:
        """The distinct questions behind a set of bits, in the order of the rulebook."""
        found = self._by_bits.get(bits)
        if found is None:
            ordered: dict[Question, None] = {}
            rest = bits
            while rest:
                low = rest & -rest
                rest ^= low
                ordered.update(dict.fromkeys(self._of_bit(low)))
            found = self._by_bits[bits] = tuple(ordered)
        return found

    def _of_bit(self, bit: int) -> tuple[Question, ...]:
        found = self._by_bit.get(bit)
        if found is None:
            program, number = self._judge.program, bit.bit_length() - 1
            if number < len(program.facts):
                found = tuple(self._of_fact(program.facts[number]))
            else:
                found = tuple(dict.fromkeys(self._of_rows(program.sames[number - len(program.facts)])))
            self._by_bit[bit] = found
        return found

    def _of_fact(self, fact: Fact) -> Iterator[Question]:
        if fact.name in self._known.not_known:
            return
        grouped = self._group_question(fact)
        if grouped is not None:
            yield grouped
        elif fact.inputs:
            for name in fact.inputs:
                if name not in self._known.stated:
                    yield from self._of_fact(registry()[None][name])
        elif fact.name.startswith("imaging."):
            yield _question(fact, fact.name, seen_on=("radiograph", "ct", "mri"))
        elif fact.question:
            yield _question(fact, fact.name)

    def _group_question(self, fact: Fact) -> Question | None:
        group = fact.group
        name = f"screening.{group}"
        if group is None or group in self._known.screened or name in self._known.not_known or fact.name in self._known.stated:
            return None
        return _question(registry()[None][name], name)

    def _of_rows(self, same: Same) -> Iterator[Question]:
        program = self._judge.program.tables[same.table]
        number = program.conditions.index(same)
        opened = 0
        for row in self._known.rows[same.table]:
            opened |= program.open_of[number](row.frame)
        if not opened or same.table != "level":
            for template in self._known.shadows[same.table]:
                opened |= program.open_of[number](self._judge.shadow_frame(template))
        for bit, fact in enumerate(program.facts):
            if not opened >> bit & 1:
                continue
            grouped = self._group_question(fact)
            if grouped is not None:
                yield grouped
            elif same.table != "level":
                name, text = _ROW_QUESTIONS[same.table]
                if name not in self._known.not_known:
                    yield Question(name, text, label=same.table)
            elif fact.inputs:
                yield from (self._level_question(registry()["level"][name]) for name in fact.inputs)
            elif fact.seen_on:
                yield self._level_question(fact)

    def _level_question(self, fact: Fact) -> Question:
        return _question(fact, f"imaging.levels.{fact.name}", seen_on=fact.seen_on)


def _question(fact: Fact, name: str, seen_on: tuple[str, ...] | None = None) -> Question:
    return Question(name, fact.question, fact.unit, seen_on, fact.label)


def asked_facts(questions: tuple[Question, ...]) -> list[str]:
    """The names to show under `ask`: what a person can answer first, then what imaging would show."""
    return [q.fact for q in questions if q.seen_on is None] + [q.fact for q in questions if q.seen_on is not None]


def question_entry(question: Question, raise_to: str | None, affects: list[str]) -> dict[str, Any]:
    """One entry of `questions`."""
    return {"fact": question.fact, "question": question.question, "unit": question.unit, "could_raise_urgency_to": raise_to, "affects": affects}
