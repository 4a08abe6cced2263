"""Reasons: which facts, with which values, speak for a rule."""

from __future__ import annotations

from typing import Any

from app.triage.conditions import Same
from app.triage.described import telling
from app.triage.facts import TABLE_PATHS, Fact, registry
from app.triage.frames import Frame, Known, Row, slots_of
from app.triage.judge import Judge, Judgement
from app.triage.screening import is_no
from app.triage.vocabulary.declare import Section

FactsByRule = dict[int, tuple[list[dict[str, Any]], list[str]]]
_HIDDEN = {"level", "region", "limb"}


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
    key = (fact.table, fact.name, level)
    entry = known.shown.get(key)
    if entry is None:
        entry = known.shown[key] = _described(fact, frame, stated, known, level)
    return entry


def _described(fact: Fact, frame: Frame, stated: dict[str, Any], known: Known, level: str | None) -> dict[str, Any]:
    name = fact.name if fact.table is None else f"{TABLE_PATHS[fact.table]}.{fact.name}"
    told = stated.get(fact.name)
    if told is not None and known.disagreements and not _still_holds(fact, told, frame):
        told = None  # a contradiction kept the worse reading: that is what decided
    entry: dict[str, Any] = {
        "fact": name,
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


def reasons_for(judge: Judge, index: int, judgement: Judgement) -> tuple[list[dict[str, Any]], list[str]]:
    """The facts that speak for a rule, in the order of its text, and the levels they were found at."""
    program, known = judge.program, judgement.known
    facts: list[dict[str, Any]] = []
    levels: list[str] = []
    seen: set[tuple[str, str | None]] = set()
    for number in judge.because(index, judgement):
        atom = program.atoms[number]
        if isinstance(atom, Same):
            for row, row_facts in _row_reasons(judge, program.same_numbers[number], judgement):
                if atom.table == "level" and row.label not in levels:
                    levels.append(row.label)
                for fact in row_facts:
                    if (fact.name, row.label) not in seen and fact.name not in _HIDDEN:
                        seen.add((fact.name, row.label))
                        facts.append(described(fact, row.frame, row.stated, known, row.label))
        elif (atom.fact.name, None) not in seen:
            seen.add((atom.fact.name, None))
            facts.append(described(atom.fact, known.frame, known.stated, known))
    return facts, levels


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
