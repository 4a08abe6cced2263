"""The sets that stated values stand for, written from the words of a body alone; see `obvious`."""

from __future__ import annotations

from typing import Any

from app.triage.facts import Fact

LONGEST = 36_500.0
_DAYS = {"hours": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
_GRADES = {"4-": 3.67, "4+": 4.33}


def everything(fact: Fact) -> Any:
    """The set of a fact of which nothing is known."""
    if fact.kind == "number":
        return fact.low, fact.high
    values = frozenset(fact.values)
    return (frozenset(), values) if fact.kind == "some_of" else values


def no_of(fact: Fact) -> Any:
    """The set that "asked, and no" stands for, or None."""
    if fact.kind == "number":
        return fact.normal
    first = frozenset(fact.values[:1])
    if fact.kind != "yes_no" and not first & {"none", "normal", "intact"}:
        return None
    return (first, first) if fact.kind == "some_of" else first


def is_no(fact: Fact, possible: Any) -> bool:
    """Whether a set holds nothing beside the fact's "no"."""
    no = no_of(fact)
    if no is None:
        return False
    if fact.kind == "number":
        return bool(no[0] <= possible[0] and possible[1] <= no[1])
    return bool(possible == no)


def given(section: Any, name: str) -> list[Any]:
    """What a section says under a dotted name: its value in a list, or an empty list."""
    for step in name.split("."):
        if not isinstance(section, dict) or step not in section:
            return []
        section = section[step]
    return [section]


def set_of(fact: Fact, value: Any) -> Any:
    """The set that one stated value stands for."""
    if fact.kind == "yes_no":
        return frozenset({"yes" if value else "no"})
    if fact.kind == "one_of":
        return frozenset(dict(fact.stands_for).get(value, (value,)))
    if fact.kind == "some_of":
        return frozenset(value), frozenset(value)
    if not isinstance(value, dict):
        number = _GRADES[value] if value in _GRADES else float(value)
        return number, number
    return length_of(value)


def length_of(value: dict[str, Any]) -> tuple[float, float]:
    """The least and most that a value with its unit may be, in the base unit."""
    unit = value.get("unit", value.get("scale"))
    if unit in _DAYS:
        if "value" in value:
            return value["value"] * _DAYS[unit], value["value"] * _DAYS[unit]
        most = value["at_most"] * _DAYS[unit] if "at_most" in value else LONGEST
        return value.get("at_least", 0) * _DAYS[unit], most
    number: float = value["total"] if "total" in value else value["value"]
    scaled = {"cm": 10, "raw": 2}.get(str(unit), 1) * number
    if unit == "mmol_per_mol":
        scaled = round(number / 10.929 + 2.15, 1)
    return scaled, scaled


def merged(fact: Fact, readings: list[Any]) -> Any:
    """What several reports leave: the worse where one is worse, else everything that any of them allows."""
    if fact.kind == "one_of":  # one that says more exactly what another says stands for both
        readings = [one for one in readings if not any(other < one for other in readings)]
    first, *others = readings
    for other in others:
        first = first if first == other else _worse(fact, first, other)
    return first


def _worse(fact: Fact, one: Any, other: Any) -> Any:
    if fact.kind == "yes_no":
        return frozenset({"yes"})
    if fact.kind == "number":
        if fact.worse:
            return (max if fact.worse == "high" else min)(one, other)
        return min(one[0], other[0]), max(one[1], other[1])
    if fact.worse == "high":
        return max(one, other, key=lambda values: max(fact.values.index(value) for value in values))
    return one | other if no_of(fact) is None else (one | other) - no_of(fact)
