"""Reasons: which facts, with which values, speak for a rule."""

from __future__ import annotations

from typing import Any

from app.triage.conditions import Same
from app.triage.described import telling
from app.triage.facts import Fact, registry
from app.triage.frames import Frame, Known, Row, slots_of
from app.triage.judge import Judge, Judgement
from app.triage.screening import is_no
from app.triage.vocabulary.declare import Section

Facts = tuple[list[dict[str, Any]], list[str]]
"""Facts that speak for a rule, and the levels they were found at."""
FactsByRule = dict[int, Facts]
_HIDDEN = {"level", "region", "limb"}
_Place = tuple[str, str | None]
"""A fact's name in notes and the label of its row, if it stands in one."""
_Quoted = tuple[dict[_Place, dict[str, Any]], dict[str, None]]
"""What is shown of one atom or row condition: facts, and the levels that they are of."""
_NOWHERE: dict[str, None] = {}


def plain(value: Any) -> Any:
    """A stated value as JSON."""
    return value.model_dump(mode="json") if isinstance(value, Section) else value


STILL_POSSIBLE = "still possible"
"""Where a value comes from that is a list of which one is so: nobody stated which."""


def from_frame(fact: Fact, frame: Frame) -> Any:
    """What a frame says, as JSON: one value, or a list of those still possible, or `{at_least, at_most}`.

    Of a list of which some values are certain, those.
    """
    if fact.kind == "number":
        low, high = frame[fact.slot], frame[fact.slot + 1]
        return low if low == high else {"at_least": low, "at_most": high}
    mask = frame[fact.slot] or frame[fact.slot + fact.wide]
    values = [value for bit, value in enumerate(fact.values) if mask >> bit & 1]
    if fact.kind == "yes_no" and len(values) == 1:
        return values[0] == "yes"
    return values[0] if len(values) == 1 and fact.kind != "some_of" else values


def described(
    fact: Fact, frame: Frame, stated: dict[str, Any], known: Known, level: str | None = None
) -> dict[str, Any]:
    """One fact of a reason: `{fact, label, value, unit?, level?, from?}`.

    `from` is a screening group's answer, "worked out", or "still possible" where `value` lists what may be so.
    """
    told = stated.get(fact.name)
    if told is not None and known.disagreements and not _still_holds(fact, told, frame):
        told = None  # a contradiction kept the worse reading: that is what decided
    entry: dict[str, Any] = {
        "fact": fact.full_name,
        "label": fact.label,
        "value": from_frame(fact, frame) if told is None else plain(told),
    }
    if fact.unit:
        entry["unit"] = fact.unit
    if level is not None:
        entry["level"] = level
    if told is None and fact.group and known.screened.get(fact.group) == "none" and is_no(fact, frame):
        entry["from"] = f"screening.{fact.group}"
    elif told is None and _is_open(fact, frame):
        entry["from"] = STILL_POSSIBLE
    elif fact.name not in stated:
        entry["from"] = "worked out"
    return entry


def _is_open(fact: Fact, frame: Frame) -> bool:
    """Whether several values are possible and none of them is certain."""
    if fact.kind == "number":
        return False
    possible = frame[fact.slot + fact.wide]
    return bool(possible & (possible - 1)) and not (fact.kind == "some_of" and frame[fact.slot])


def _still_holds(fact: Fact, told: Any, frame: Frame) -> bool:
    """Whether a frame still allows what was stated."""
    slots = slots_of(fact, told)
    if fact.kind == "number":
        return bool(frame[fact.slot] <= slots[0] and slots[1] <= frame[fact.slot + 1])
    return bool(fact.kind == "some_of" or frame[fact.slot] & slots[0])


class Quotes:
    """What one judgement has to quote for its rules. Rules share it: each fact is one object, never changed."""

    def __init__(self, judge: Judge, judgement: Judgement) -> None:
        self._judge, self._judgement = judge, judgement
        self._shown: dict[_Place, dict[str, Any]] = {}
        self._quoted: dict[int, _Quoted] = {}

    def facts_for(self, index: int) -> Facts:
        """The facts that speak for a rule, in the order of its text, and the levels they were found at."""
        facts: dict[_Place, dict[str, Any]] = {}
        levels: dict[str, None] = {}
        for number in self._judge.because(index, self._judgement):
            entries, places = self._quote(number)
            facts.update(entries)
            levels.update(places)
        return list(facts.values()), list(levels)

    def names_of(self, number: int) -> list[str]:
        """The names of the facts that one atom or row condition, by its number, shows."""
        return [entry["fact"] for entry in self._quote(number)[0].values()]

    def _quote(self, number: int) -> _Quoted:
        found = self._quoted.get(number)
        if found is None:
            found = self._quoted[number] = self._put_together(number)
        return found

    def _put_together(self, number: int) -> _Quoted:
        program = self._judge.program
        atom = program.atoms[number]
        if not isinstance(atom, Same):
            return dict([self._show(atom.fact)]), _NOWHERE
        rows = _row_reasons(self._judge, program.same_numbers[number], self._judgement)
        entries = dict([self._show(fact, row) for row, facts in rows for fact in facts if fact.name not in _HIDDEN])
        return entries, dict.fromkeys([row.label for row, _ in rows]) if atom.table == "level" else _NOWHERE

    def _show(self, fact: Fact, row: Row | None = None) -> tuple[_Place, dict[str, Any]]:
        place = fact.full_name, None if row is None else row.label
        found = self._shown.get(place)
        if found is None:
            known = self._judgement.known
            found = self._shown[place] = (
                described(fact, known.frame, known.stated, known)
                if row is None
                else described(fact, row.frame, row.stated, known, row.label)
            )
        return place, found


def _row_reasons(judge: Judge, same: int, judgement: Judgement) -> list[tuple[Row, list[Fact]]]:
    """The rows that satisfy a row condition; where none does for certain, those that may and show part of it."""
    table, number = judge.program.places[same]
    program = judge.program.tables[table]
    judged = judgement.rows.by_table[table]
    chosen = [row for row, true, _ in judged if true >> number & 1] or [
        row for row, _, possible in judged if possible >> number & 1
    ]
    found: list[tuple[Row, list[Fact]]] = []
    for row in chosen:
        facts = [program.atoms[n].fact for n in program.because[number](row.frame)]
        shown = [one for fact in facts for one in ([fact] if _speaks(fact, table, row) else telling(fact, row))]
        if shown:
            found.append((row, shown))
    return found


def _speaks(fact: Fact, table: str, row: Row) -> bool:
    """Whether a row states a fact, or it was worked out; a finding that is only described is shown by its details."""
    return fact.name in row.stated or bool(fact.inputs) or fact.name not in registry()[table]
