"""Which facts a question to the solver is about: those that its conditions read, and those that these follow from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.triage.conditions import Atom, Condition, atoms, sames
from app.triage.facts import registry
from app.triage.rulebook import Score
from app.triage.vocabulary.levels import LEVELS, REGIONS, is_segment, region_of

Name = tuple[str | None, str]
"""(table, fact)"""

_SLIP = "spondylolisthesis."
FOLLOWS_FROM: dict[Name, tuple[str, ...]] = {
    (None, "patient.bmi"): ("patient.height_cm", "patient.weight_kg"),
    (None, "patient.pregnant"): ("patient.sex", "patient.age"),
    (None, "patient.weeks_since_birth"): ("patient.sex", "patient.age"),
    ("level", "meyerding"): (_SLIP + "slip_percent",),
    ("level", _SLIP + "slip_percent"): (_SLIP + "type",),
    ("level", _SLIP + "slip_mm"): (_SLIP + "type",),
}
"""Facts that `app.triage.derived` writes from others, beside those that the vocabulary says. Ratios that can be stated
themselves (a slip in percent, Torg-Pavlov) are read with their measures only where a condition reads those too."""

OF_ROWS: dict[str, tuple[str, ...]] = {
    "level": ("level", "region"),
    "deficit": ("movement", "side", "limb"),
    "surgery": ("kind",),
    "course": ("kind",),
}
"""What every listed row says of itself."""

_BESIDE_ROWS: dict[str, tuple[str, ...]] = {
    "deficit": ("examination.power_otherwise_normal",),
    "surgery": ("history.spine_surgery",),
}
"""What of the consultation decides about rows that nobody listed."""


@dataclass(frozen=True, slots=True)
class Cone:
    """The facts of some conditions, and for the long lists of values which of them the conditions tell apart."""

    facts: frozenset[Name]
    tables: frozenset[str]


def score_conditions(score: Score) -> Iterator[Condition]:
    """Every condition that a summed score reads."""
    for component in score.components:
        for when, _ in component.options:
            yield when


class Reader:
    """Reads cones of conditions, seeing through the summed scores of a rulebook. Kept by condition."""

    def __init__(self, scores: Mapping[str, Score]) -> None:
        self._scores = scores
        self._kept: dict[int, tuple[Condition, Cone]] = {}

    def cone(self, conditions: Iterable[Condition]) -> Cone:
        """The facts of all of them."""
        facts: set[Name] = set()
        tables: set[str] = set()
        for condition in conditions:
            kept = self._kept.get(id(condition))
            if kept is None:
                kept = self._kept[id(condition)] = (condition, self._read(condition))
            facts |= kept[1].facts
            tables |= kept[1].tables
        return Cone(frozenset(facts), frozenset(tables))

    def atoms(self, condition: Condition) -> Iterator[Atom]:
        """Its atoms, with those of the scores that it reads in their place."""
        for atom in atoms(condition):
            score = self._scores.get(atom.fact.name)
            if score is None or not score.components:
                yield atom
            else:
                for when in score_conditions(score):
                    yield from self.atoms(when)

    def _read(self, condition: Condition) -> Cone:
        tables = {same.table for same in sames(condition)}
        names: list[Name] = [(atom.fact.table, atom.fact.name) for atom in self.atoms(condition)]
        for table in tables:
            names += [(table, name) for name in OF_ROWS[table]]
            names += [(None, name) for name in _BESIDE_ROWS.get(table, ())]
        return Cone(closed(names), frozenset(tables))


def closed(names: Iterable[Name]) -> frozenset[Name]:
    """The facts and all that they follow from."""
    found: set[Name] = set()
    pending = list(names)
    while pending:
        table, name = pending.pop()
        if (table, name) in found:
            continue
        found.add((table, name))
        inputs = registry()[table][name].inputs
        pending += [(table, other) for other in FOLLOWS_FROM.get((table, name), inputs)]
    return frozenset(found)


SEGMENTS: int = sum(1 << number for number, level in enumerate(LEVELS) if is_segment(level))
IN_REGION: dict[str, int] = {
    region: sum(1 << number for number, level in enumerate(LEVELS) if region_of(level) == region) for region in REGIONS
}
DENS: int = 1 << LEVELS.index("C2")
