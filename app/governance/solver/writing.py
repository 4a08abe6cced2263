"""From a model of the solver to a body of the service's own JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from app.governance.solver.cone import Cone
from app.governance.solver.states import Frame, State
from app.governance.solver.values import Choice, Choices
from app.governance.solver.witness import Body
from app.triage.facts import TABLE_PATHS, Fact, registry
from app.triage.vocabulary.levels import LEVELS
from app.triage.vocabulary.quantities import MUSCLE_GRADES
from app.triage.wire import entries, written

_LOSS, _FELT = "examination.sensory_loss", "examination.sensation_otherwise_normal"
_SHOWN_FIRST = ("radiograph", "mri", "ct")


def body_of(model: Any, state: State, cone: Cone) -> Body:
    """The body that a model of `plain` stands for; see POST /v1/triage for its shape."""
    return _Writer(model, state, cone).body()


class _Writer:
    def __init__(self, model: Any, state: State, cone: Cone) -> None:
        self._model, self._state, self._cone = model, state, cone
        self._body: Body = {}
        self._reports: dict[str, Body] = {}
        self._levels: set[str] = set()

    def body(self) -> Body:
        for table, name in sorted(self._cone.facts, key=lambda pair: pair[1]):
            if table is None and self._holds(self._state.top.told(name)):
                self._write_top(registry()[None][name])
        for table, rows in self._state.rows.items():
            for row in rows:
                if self._holds(row.listed):
                    self._write_row(table, row)
        for group, none in self._state.none.items():
            if self._holds(none):
                self._body.setdefault("screening", {})[group] = "none"
        for (region, modality), covered in self._state.covered.items():
            if self._holds(covered):
                self._report(modality).setdefault("covers", []).append(region)
        if self._reports:
            self._body["imaging"] = [
                {"modality": modality, **report} for modality, report in sorted(self._reports.items())
            ]
        return self._body

    def _holds(self, truth: Any) -> bool:
        return z3.is_true(self._model.eval(truth)) if not isinstance(truth, bool) else truth

    def _write_top(self, fact: Fact) -> None:
        if fact.name == _LOSS:
            lost = self._holds(self._state.top.choice(_LOSS).possible[1])
            if lost and not self._holds(self._state.top.told(_FELT)):
                found = {"root": "L5", "side": "left", "kind": "reduced"}
                self._body.setdefault("examination", {})["sensory"] = [found]
            return
        value = self._value(fact, self._state.top)
        place, steps = self._body, fact.name.split(".")
        if steps[0] == "imaging":
            place, steps = self._report(_modality(fact)), steps[1:]
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1]] = value

    def _write_row(self, table: str, row: Frame) -> None:
        names = sorted(name for owner, name in self._cone.facts if owner == table)
        told = [registry()[table][name] for name in names if self._is_sent(table, name, row)]
        if table == "level":
            level = self._level(row)
            reports: dict[str, Body] = {}
            for fact in told:
                self._put(reports.setdefault(_modality(fact), {"level": level}), fact, row)
            for modality, found in (reports or {"radiograph": {"level": level}}).items():
                self._report(modality).setdefault("levels", []).append(found)
            return
        item: Body = {}
        for fact in told:
            self._put(item, fact, row)
        section, _, key = TABLE_PATHS[table].partition(".")
        self._body.setdefault(section, {}).setdefault(key, []).append(item)

    def _is_sent(self, table: str, name: str, row: Frame) -> bool:
        sent = (table, name) not in {
            ("level", "level"),
            ("level", "region"),
            ("deficit", "limb"),
            ("level", "meyerding"),
        }
        return sent and self._holds(row.told(name))

    def _put(self, item: Body, fact: Fact, row: Frame) -> None:
        *steps, last = fact.name.split(".")
        for step in steps:
            item = item.setdefault(step, {})
        item[last] = self._value(fact, row)

    def _level(self, row: Frame) -> str:
        """A level of the row's class that no other row has."""
        level = row.choice("level")
        chosen = [part for part, can in zip(level.classes, level.possible, strict=True) if self._holds(can)]
        free = [name for bit, name in enumerate(LEVELS) if chosen[0] >> bit & 1 and name not in self._levels]
        self._levels.add(free[0])
        return free[0]

    def _value(self, fact: Fact, frame: Frame) -> Any:
        values = frame[fact.name]
        if isinstance(values, Choices):
            return [value for value, sure in self._named(fact, values.classes, values.certain) if sure]
        if isinstance(values, Choice):
            value = next(value for value, can in self._named(fact, values.classes, values.possible) if can)
            return value == "yes" if fact.kind == "yes_no" else value
        low, high = (values.number(sum(map(self._holds, ends))) for ends in (values.low, values.high))
        return _written(fact, low, high)

    def _named(self, fact: Fact, classes: tuple[int, ...], flags: tuple[Any, ...]) -> Iterator[tuple[str, bool]]:
        """One value of each class: they are alike to every condition."""
        for part, flag in zip(classes, flags, strict=True):
            yield fact.values[(part & -part).bit_length() - 1], self._holds(flag)

    def _report(self, modality: str) -> Body:
        return self._reports.setdefault(modality, {})


def _modality(fact: Fact) -> str:
    """The plainest modality that can show a finding."""
    able = fact.seen_on or _SHOWN_FIRST
    return next((modality for modality in _SHOWN_FIRST if modality in able), able[0])


def _written(fact: Fact, low: float, high: float) -> Any:
    """A number as a body has it: plain, as a grade, or with its unit, scale or version."""
    form = written(entries()[fact.full_name].field)
    match form["quantity"]:
        case None:
            words = {value: word for word, value in MUSCLE_GRADES.items()}
            return words.get(low, low)
        case "Duration":
            return {"value": low, "unit": "days"} if low == high else {"at_least": low, "at_most": high, "unit": "days"}
        case "MyelopathyScore":
            return {"total": low, "version": "benzel_18"}
        case "NeckDisability":
            return {"value": low, "scale": "percent"}
        case _:
            return {"value": low, "unit": fact.unit}
