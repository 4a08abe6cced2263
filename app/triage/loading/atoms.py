"""From the text of one comparison or membership to a condition on one fact.

complaint.fever                      the fact is yes          complaint.gait is unsteady        one value
complaint.fever is no                the fact is no           complaint.gait in [spastic, unable]
complaint.leg_pain >= 4              a number                 complaint.gait not in [normal]
complaint.duration >= 12 weeks       with its unit            complaint.regions has lumbar
meyerding >= $slip_grade             a named parameter        complaint.bladder has any of [retention, hesitancy]
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.triage.conditions import Among, Bound, Condition, Has, Operator
from app.triage.facts import YES, Fact
from app.triage.loading.fields import nearest
from app.triage.rulebook import Parameter
from app.triage.vocabulary.quantities import DAYS_IN

_ATOM = re.compile(
    r"(?P<fact>[a-z][a-z0-9_.]*)"
    r"(?:\s+(?P<comparison>>=|<=|>|<)\s+(?P<limit>-?\d+(?:\.\d+)?|\$[a-z][a-z0-9_]*)(?:\s+(?P<unit>[A-Za-z/%0-9-]+))?"
    r"|\s+(?P<word>is not|is|has any of|has|not in|in)\s+(?P<values>\[[^\]]*\]|[A-Za-z0-9_-]+))?"
)
Fail = Callable[[str, str, str], Condition]
"""Reports `(code, problem, remedy)` and gives what stands where no condition could be read."""


@dataclass(frozen=True, slots=True)
class Atom:
    """The words of one comparison, not yet checked against anything."""

    name: str
    comparison: Operator | None
    limit: str | None
    unit: str | None
    word: str | None
    values: str | None

    @property
    def bare(self) -> bool:
        """A name alone."""
        return self.comparison is None and self.word is None


def split_atom(text: str) -> Atom | None:
    """The words of an atom; None if they cannot be told apart."""
    match = _ATOM.fullmatch(text.strip())
    if match is None:
        return None
    operator: Any = match["comparison"]
    return Atom(match["fact"], operator, match["limit"], match["unit"], match["word"], match["values"])


def read_bound(fact: Fact, atom: Atom, parameters: Mapping[str, Parameter | None], fail: Fail) -> Condition:
    """A number compared with a limit, which is turned into the fact's unit."""
    if fact.kind != "number" or atom.comparison is None or atom.limit is None:
        return fail("type-mismatch", f"'{fact.name}' is not a number ({fact.kind})", "is, in or has")
    unit = atom.unit
    if atom.limit.startswith("$"):
        name = atom.limit[1:]
        parameter = parameters.get(name)
        if parameter is None:
            return fail("unknown-parameter", f"'{atom.limit}' is not a parameter", nearest(name, parameters))
        if unit is not None:
            return fail("bad-condition", f"'{atom.limit}' brings its own unit", f"'{atom.limit}' without '{unit}'")
        limit, unit = parameter.value, parameter.unit
    else:
        limit = float(atom.limit)
    if fact.unit == "days" and unit != "days":
        if unit not in DAYS_IN:
            problem = f"'{fact.name}' is a length of time, and '{unit or 'no unit'}' is not a unit of it"
            return fail("wrong-unit", problem, f"one of {', '.join(DAYS_IN)}")
        limit *= DAYS_IN[unit]
    elif unit is not None and unit != fact.unit:
        problem = f"'{fact.name}' is in {fact.unit or 'no unit'}, not in {unit}"
        return fail("wrong-unit", problem, f"a number in {fact.unit}" if fact.unit else "a number without a unit")
    span = f"{fact.low:g} to {fact.high:g} {fact.unit or ''}".strip()
    if not (math.isfinite(limit) and fact.low <= limit <= fact.high):
        return fail("out-of-range", f"{limit:g} is outside the range of '{fact.name}'", span)
    if (atom.comparison, limit) in {(">=", fact.low), ("<=", fact.high)}:
        return fail("always-true", f"'{fact.name}' runs from {span}, so this always holds", "a limit inside the range")
    if (atom.comparison, limit) in {("<", fact.low), (">", fact.high)}:
        return fail("never-true", f"'{fact.name}' runs from {span}, so this never holds", "a limit inside the range")
    return Bound(fact, atom.comparison, limit)


def read_membership(fact: Fact, atom: Atom, fail: Fail) -> Condition:
    """A value, or a list of values, that a fact is or is not, has or has not."""
    if fact.kind == "number":
        return fail("type-mismatch", f"'{fact.name}' is a number", "compare it with >=, >, <= or <")
    word, text = atom.word, atom.values
    if word is None or text is None:
        if fact.kind != "yes_no":
            problem = f"'{fact.name}' alone says nothing ({fact.kind})"
            return fail("type-mismatch", problem, f"a value: {', '.join(fact.values[:8])}")
        return Among(fact, YES)
    values = [value.strip() for value in text.strip("[]").split(",") if value.strip()]
    unknown = [value for value in values if value not in fact.values]
    if unknown or not values:
        problem = f"'{', '.join(unknown) or text}' is not a value of '{fact.name}'"
        return fail("unknown-value", problem, nearest(unknown[0] if unknown else "", fact.values))
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        return fail("duplicate-part", f"'{twice}' stands twice in one list", f"'{twice}' once")
    if (fact.kind == "some_of") != word.startswith("has"):
        remedy = "'has' for a list of values, 'is' or 'in' for one value"
        return fail("type-mismatch", f"'{word}' does not fit '{fact.name}' ({fact.kind})", remedy)
    if text.startswith("[") != (word in {"in", "not in", "has any of"}):
        remedy = "'is x', 'in [x, y]', 'has x', 'has any of [x, y]'"
        return fail("bad-condition", f"'{word}' does not fit '{text}'", remedy)
    mask = fact.mask(values)
    if fact.kind == "some_of":
        return Has(fact, mask)
    mask = fact.everything & ~mask if "not" in word else mask
    if mask == fact.everything:
        return fail("always-true", f"'{fact.name}' has no other value, so this always holds", "fewer of the values")
    if mask == 0:
        return fail("never-true", f"'{fact.name}' has no other value, so this never holds", "fewer of the values")
    return Among(fact, mask)
