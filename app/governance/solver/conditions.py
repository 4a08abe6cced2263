"""Conditions as pairs of formulas: `t`, it is certainly true; `p`, it is not certainly false (strong Kleene logic).

The same two expressions that `app.triage.emit` writes as Python, over a symbolic state. Undecided is `p and not t`.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.governance.solver.atoms import atom_pair
from app.governance.solver.logic import Truth, at_least, conj, disj, neg
from app.governance.solver.states import Frame, State, Unlisted
from app.governance.solver.sums import Sum
from app.triage.conditions import All, AnyOf, AtLeast, Atom, Bound, Condition, Not, Same
from app.triage.facts import Fact
from app.triage.rulebook import Score

Pair = tuple[Truth, Truth]
_Place = Frame | Unlisted


class Reading:
    """Reads conditions in one state, with the summed scores of one rulebook. Every condition is read once."""

    def __init__(self, state: State, scores: Mapping[str, Score]) -> None:
        self.state = state
        self._scores = {name: score for name, score in scores.items() if score.components}
        # By identity: definitions are shared objects, and hashing a condition walks all of it. Kept alive beside.
        self._pairs: dict[tuple[int, int], tuple[Condition, Pair]] = {}
        self._sums: dict[tuple[str, int], Sum] = {}

    def pair(self, condition: Condition) -> Pair:
        """(t, p) of a condition on the consultation."""
        return self._pair(condition, self.state.top)

    def _pair(self, condition: Condition, place: _Place) -> Pair:
        key = (id(condition), id(place))
        found = self._pairs.get(key)
        if found is None:
            found = self._pairs[key] = (condition, self._made(condition, place))
        return found[1]

    def _made(self, condition: Condition, place: _Place) -> Pair:
        match condition:
            case All(parts):
                pairs = [self._pair(part, place) for part in parts]
                return conj(t for t, _ in pairs), conj(p for _, p in pairs)
            case AnyOf(parts):
                pairs = [self._pair(part, place) for part in parts]
                return disj(t for t, _ in pairs), disj(p for _, p in pairs)
            case Not(part):
                certain, possible = self._pair(part, place)
                return neg(possible), neg(certain)
            case AtLeast(count, parts):
                pairs = [self._pair(part, place) for part in parts]
                return at_least(count, [(t, 1) for t, _ in pairs]), at_least(count, [(p, 1) for _, p in pairs])
            case Same(table, part):
                return self._some_row(table, part)
            case _:
                return self._atom(condition, place)

    def _some_row(self, table: str, part: Condition) -> Pair:
        """A listed row can make it certain; a row that nobody listed may not exist, and makes it possible at most."""
        certain: list[Truth] = []
        possible: list[Truth] = []
        for row in self.state.rows[table]:
            t, p = self._pair(part, row)
            certain.append(conj((row.listed, t)))
            possible.append(conj((row.listed, p)))
        possible += [conj((unlisted.exists, self._pair(part, unlisted)[1])) for unlisted in self.state.unlisted(table)]
        return disj(certain), disj(possible)

    def _atom(self, atom: Atom, place: _Place) -> Pair:
        fact = atom.fact
        if fact.name in self._scores and isinstance(atom, Bound):
            return self._sum(fact, place).pair(atom.operator, atom.limit)
        return atom_pair(atom, (self.state.top if fact.table is None else place)[fact.name])

    def _sum(self, fact: Fact, place: _Place) -> Sum:
        """A summed score; the whole range for an unlisted row."""
        score = self._scores[fact.name]
        if fact.table is None:
            place = self.state.top
        if not isinstance(place, Frame):
            return Sum.of_unknown(score)
        found = self._sums.get((fact.name, id(place)))
        if found is None:
            possible = [[self._pair(when, place)[1] for when, _ in part.options] for part in score.components]
            found = self._sums[fact.name, id(place)] = Sum.of_possible(score, possible)
        return found
