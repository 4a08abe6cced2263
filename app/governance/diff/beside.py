"""Two rulebooks side by side, so that one solver can be asked about the conditions of both.

A summed score that differs stands there twice: the old one under another name, which only old conditions read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.triage.conditions import All, AnyOf, AtLeast, Bound, Condition, Not, Same
from app.triage.facts import TABLES, Fact, blank
from app.triage.rulebook import Rulebook, Score

_BEFORE = " before"


@dataclass(frozen=True, slots=True)
class Beside:
    """`rulebook` is the new one with the scores of both; `old` and `new` are the rules' conditions by rule id."""

    rulebook: Rulebook
    old: Mapping[str, Condition]
    new: Mapping[str, Condition]


def put_beside(old: Rulebook, new: Rulebook) -> Beside:
    """The two, every score's fact in the place that it has among all of them."""
    kept = {name for name, score in old.scores.items() if _same(score, new.scores.get(name))}
    renamed = {name: name if name in kept else name + _BEFORE for name, score in old.scores.items() if score.components}
    scores = {**new.scores, **{renamed[name]: old.scores[name] for name in renamed if name not in kept}}
    facts = _facts(scores)
    of_new = _Repointing({name: facts[name] for name, score in new.scores.items() if score.components})
    of_old = _Repointing({name: facts[other] for name, other in renamed.items()})
    placed = {
        name: (of_new if name in new.scores else of_old).score(replace(score, id=name))
        for name, score in scores.items()
    }
    return Beside(
        replace(new, scores=placed),
        {rule.id: of_old.condition(rule.when) for rule in old.rules},
        {rule.id: of_new.condition(rule.when) for rule in new.rules},
    )


def _same(score: Score, other: Score | None) -> bool:
    """Whether two scores give the same points for the same facts. A score of scores counts as another one."""
    if other is None or score.table != other.table:
        return False
    names = _Repointing({})
    return names.score(score).components == names.score(other).components


def _facts(scores: Mapping[str, Score]) -> dict[str, Fact]:
    """The facts of summed scores, behind those of the vocabulary, in the order in which they are worked out."""
    slots = {table: len(blank(table)) for table in (None, *TABLES)}
    found: dict[str, Fact] = {}
    for name, score in scores.items():
        if score.components:
            slot = slots[score.table]
            found[name] = Fact(
                name, score.table, "number", low=score.low, high=score.high, unit="points", label=score.title, slot=slot
            )
            slots[score.table] += 2
    return found


class _Repointing:
    """Conditions that read the given facts in place of those of the same name. What was one object stays one."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._kept: dict[int, tuple[Condition, Condition]] = {}

    def condition(self, condition: Condition) -> Condition:
        """The same condition on the given facts."""
        kept = self._kept.get(id(condition))
        if kept is None:
            kept = self._kept[id(condition)] = (condition, self._made(condition))
        return kept[1]

    def score(self, score: Score) -> Score:
        """The same score on the given facts."""
        components = tuple(
            replace(part, options=tuple((self.condition(when), points) for when, points in part.options))
            for part in score.components
        )
        only_when = None if score.only_when is None else self.condition(score.only_when)
        return replace(score, components=components, only_when=only_when)

    def _made(self, condition: Condition) -> Condition:
        match condition:
            case All(parts):
                return All(self._parts(parts))
            case AnyOf(parts):
                return AnyOf(self._parts(parts))
            case AtLeast(count, parts):
                return AtLeast(count, self._parts(parts))
            case Not(part):
                return Not(self.condition(part))
            case Same(table, part):
                return Same(table, self.condition(part))
            case Bound(fact, operator, limit) if fact.name in self._facts:
                return Bound(self._facts[fact.name], operator, limit)
            case _:
                return condition

    def _parts(self, parts: Iterable[Condition]) -> tuple[Condition, ...]:
        return tuple(self.condition(part) for part in parts)
