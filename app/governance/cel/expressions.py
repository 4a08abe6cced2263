"""Conditions in the Common Expression Language (CEL), to be run by engines that nobody here wrote.

A fact is a variable, and a fact that is not known is left out. An engine then fails where it needs that fact, except
that by CEL's own rules `false && failure` is false and `true || failure` is true, whichever side comes first. So an
expression is true, false, or fails; failing means undecided. No logic of ours about the unknown goes into the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from app.triage.conditions import All, Among, AnyOf, AtLeast, Bound, Condition, Has, Not, Same
from app.triage.facts import YES, Fact
from app.triage.rulebook import Component, Score

ROW = "row"
UNLISTED = "unlisted"
NEVER_KNOWN = "never_known"
"""A variable without a value, for what nobody can know: whether there is a row that nobody listed."""


class CelWriter:
    """Writes the conditions and scores of one rulebook; `definitions` are called by their names.

    `rows` is for engines whose `exists` fails when it meets a failing element before a true one, which CEL's
    specification does not allow: conditions about rows are written out for that many rows, and fail beyond them.
    """

    def __init__(self, definitions: Mapping[str, Condition], rows: int | None = None) -> None:
        self._names = {condition: name for name, condition in definitions.items()}
        self._rows = rows

    def condition(self, condition: Condition, row: str = ROW) -> str:
        """A condition; `row` is what its row is called, if it is about one."""
        name = self._names.get(condition)
        return self.written_out(condition, row) if name is None else name

    def written_out(self, condition: Condition, row: str = ROW) -> str:
        """The same, but never as the name of a definition."""
        match condition:
            case Bound(fact, operator, limit):
                return f"{_name(fact, row)} {operator} {float(limit)!r}"
            case Among(fact, mask):
                return _among(fact, mask, _name(fact, row))
            case Has(fact, mask):
                words = _words(fact, mask)
                held = _name(fact, row)
                return f"{words[0]} in {held}" if len(words) == 1 else f"{held}.exists(v, v in [{', '.join(words)}])"
            case All(parts):
                return self._joined(parts, " && ", "true", row)
            case AnyOf(parts):
                return self._joined(parts, " || ", "false", row)
            case Not(part):
                return f"!({self.condition(part, row)})"
            case AtLeast(count, parts):
                # Counting would fail on the first unknown part, which the others may outweigh.
                return self._joined([All(chosen) for chosen in combinations(parts, count)], " || ", "false", row)
            case Same(table, part):
                return self._some_row(table, part)

    def score(self, score: Score) -> str:
        """The sum of a score's components; it fails while one of them is not known."""
        return " + ".join(self._points(component) for component in score.components)

    def _points(self, component: Component) -> str:
        """The points of the one option that holds; options of which several hold are no answer."""
        chain = NEVER_KNOWN
        for when, points in reversed(component.options):
            others = tuple(Not(other) for other, _ in component.options if other != when)
            chain = f"{self.condition(All((when, *others)))} ? {float(points)!r} : ({chain})"
        return f"({chain})"

    def _some_row(self, table: str, part: Condition) -> str:
        """A row that nobody listed may not exist: it can leave the condition undecided, never make it true."""
        inner = self.condition(part)
        elsewhere = f"{NEVER_KNOWN} && {UNLISTED}.{table}.exists({ROW}, {inner})"
        if self._rows is None:
            return f"({table}.exists({ROW}, {inner}) || ({elsewhere}))"
        listed = [f"size({table}) > {at} && {self.condition(part, f'{table}[{at}]')}" for at in range(self._rows)]
        beyond = f"size({table}) > {self._rows} && {NEVER_KNOWN}"
        return f"({' || '.join(f'({part})' for part in (*listed, beyond, elsewhere))})"

    def _joined(self, parts: Iterable[Condition], word: str, empty: str, row: str) -> str:
        written = [self.condition(part, row) for part in parts]
        return f"({word.join(written)})" if written else empty


def _name(fact: Fact, row: str) -> str:
    return fact.name if fact.table is None else f"{row}.{fact.name}"


def _words(fact: Fact, mask: int) -> list[str]:
    return [f"'{value}'" for bit, value in enumerate(fact.values) if mask >> bit & 1]


def _among(fact: Fact, mask: int, name: str) -> str:
    if fact.kind == "yes_no":
        return name if mask == YES else f"!{name}"
    words = _words(fact, mask)
    return f"{name} == {words[0]}" if len(words) == 1 else f"{name} in [{', '.join(words)}]"
