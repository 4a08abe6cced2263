"""What conditions can tell apart: classes of the values of a choice, and edges on the scale of a number."""

from __future__ import annotations

from collections.abc import Iterable

from app.governance.solver.cone import DENS, IN_REGION, SEGMENTS, Name
from app.governance.solver.edges import Edges
from app.governance.solver.scale import Edge
from app.governance.solver.values import partition
from app.triage.conditions import Atom, Bound
from app.triage.facts import Fact


class Classes:
    """For each fact with a long list of values the classes, for each number the edges, that conditions tell apart."""

    def __init__(self, read: Iterable[Atom]) -> None:
        read = list(read)
        self._edges = Edges(read)
        self._masks: dict[Name, set[int]] = {("level", "level"): {SEGMENTS, DENS, *IN_REGION.values()}}
        for atom in read:
            if not isinstance(atom, Bound):
                self._masks.setdefault((atom.fact.table, atom.fact.name), set()).add(atom.mask)
        self._found: dict[Name, tuple[int, ...]] = {}

    def of(self, fact: Fact) -> tuple[int, ...]:
        """The classes of a fact's values, as masks; empty for a number."""
        if fact.kind == "number":
            return ()
        key = (fact.table, fact.name)
        if key not in self._found:
            self._found[key] = partition(fact, self._masks.get(key, set()) | set(fact.said_no() or ()))
        return self._found[key]

    def edges(self, fact: Fact) -> tuple[Edge, ...]:
        """The edges of a number; none of a choice."""
        return self._edges.of(fact) if fact.kind == "number" else ()
