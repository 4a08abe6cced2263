"""The edges of each number's scale: where the conditions of a rulebook compare it, and where its relations do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.governance.solver.cone import Name
from app.governance.solver.scale import Edge, edge_of, edges_between
from app.triage.conditions import Atom, Bound
from app.triage.derived import MEYERDING_LIMITS, OLDEST_PREGNANCY
from app.triage.facts import Fact, registry
from app.triage.hints import NEW_PAIN_DAYS
from app.triage.told import TOLD_BY
from app.triage.vocabulary.history import RECENT_DAYS

TWO_METRES, LIGHTEST = 200, 4
"""Of a witness both weighed and measured: so tall, the index is a quarter of the weight, and nothing is squared."""
SOME_LORDOSIS = 50
"""Of a witness whose pelvic incidence and lordosis are told: the difference then moves with the incidence alone."""
SOME_ENDPLATE = 50
"""Of a witness whose slip is told in mm: with it, the percentage is twice the slip, and nothing is divided."""

_SLIP, _ALIGNMENT = "spondylolisthesis.", "imaging.alignment."
_OWN: dict[Name, tuple[Edge, ...]] = {
    (None, "patient.age"): ((float(OLDEST_PREGNANCY + 1), False),),
    (None, "complaint.duration"): ((NEW_PAIN_DAYS, True),),
    (None, "patient.height_cm"): ((TWO_METRES, False), (TWO_METRES, True)),
    (None, "patient.weight_kg"): ((LIGHTEST, False),),
    (None, _ALIGNMENT + "lumbar_lordosis_deg"): ((SOME_LORDOSIS, False), (SOME_LORDOSIS, True)),
    ("level", _SLIP + "slip_percent"): tuple((limit, True) for limit in MEYERDING_LIMITS),
    ("level", _SLIP + "endplate_mm"): ((SOME_ENDPLATE, False), (SOME_ENDPLATE, True)),
    ("surgery", "ago"): ((RECENT_DAYS, True),),
}
_FOLLOWS: dict[Name, tuple[Name, float, float]] = {
    (None, "patient.weight_kg"): ((None, "patient.bmi"), 4, 0),
    (None, _ALIGNMENT + "pelvic_incidence_deg"): ((None, _ALIGNMENT + "pi_minus_ll_deg"), 1, SOME_LORDOSIS),
    ("level", _SLIP + "slip_mm"): (("level", _SLIP + "slip_percent"), SOME_ENDPLATE / 100, 0),
    ("course", "duration"): ((None, "treatments.conservative_duration"), 1, 0),
}
"""Facts that have the edges of another, moved by a factor and a shift (see `plain`)."""


class Edges:
    """For each number the edges between which no condition tells its values apart."""

    def __init__(self, read: Iterable[Atom]) -> None:
        self._asked: dict[Name, set[Edge]] = {}
        for atom in read:
            if isinstance(atom, Bound):
                edge = edge_of(atom.fact, atom.operator, atom.limit)
                self._asked.setdefault((atom.fact.table, atom.fact.name), set()).add(edge)
        whole, course = (None, "treatments.conservative_duration"), ("course", "duration")
        self._asked[whole] = self._asked.get(whole, set()) | self._asked.get(course, set())
        for name, tellings in ((one.name, one) for many in TOLD_BY.values() for one in many):
            if tellings.above is not None:
                fact = registry()[None][name]
                self._asked.setdefault((None, name), set()).add(edge_of(fact, ">", tellings.above))
        self._found: dict[Name, tuple[Edge, ...]] = {}

    def of(self, fact: Fact) -> tuple[Edge, ...]:
        """The edges of a fact's scale, in order."""
        key = (fact.table, fact.name)
        if key not in self._found:
            self._found[key] = edges_between(fact, self._all(fact, key))
        return self._found[key]

    def _all(self, fact: Fact, key: Name) -> Iterator[Edge]:
        yield from self._asked.get(key, ())
        yield from _OWN.get(key, ())
        if fact.normal is not None:
            yield edge_of(fact, ">=", fact.normal[0])
            yield edge_of(fact, "<=", fact.normal[1])
        if key in _FOLLOWS:
            (table, name), factor, shift = _FOLLOWS[key]
            for number, above in self.of(registry()[table][name]):
                yield number * factor + shift, above
