"""Random rulebooks over the real vocabulary, with nested conditions and thresholds at values that occur."""

from __future__ import annotations

from random import Random

from app.triage.conditions import All, Among, AnyOf, AtLeast, Atom, Bound, Condition, Has, Not, Operator, Same
from app.triage.facts import TABLES, Fact, registry
from app.triage.rulebook import URGENCIES, Conclusions, Rule, Rulebook
from tests.laws.bodies import Limits

_OPERATORS: tuple[Operator, ...] = (">=", ">", "<=", "<")


class RulebookMaker:
    """Draws rulebooks from a seeded source. Atoms come from a pool, so that rules share parts as real ones do."""

    def __init__(self, random: Random, limits: Limits) -> None:
        self._random, self._limits = random, limits
        facts = registry()
        self._pools: dict[str | None, list[Atom]] = {
            table: [self._atom(fact) for fact in facts[table].values() for _ in range(2)] for table in facts
        }

    def rulebook(self, rules: int) -> Rulebook:
        """A rulebook whose rules have random conditions and conclude nothing but an urgency."""
        few: dict[str | None, list[Atom]] = {
            table: self._random.sample(pool, min(len(pool), 24)) for table, pool in self._pools.items()
        }
        conditions = [self._condition(few, None, depth=3) for _ in range(rules)]
        # Rules repeat whole parts of each other; sharing is where a generated program could go wrong.
        conditions.append(AnyOf((conditions[0], Not(conditions[-1]))))
        return rulebook_of(conditions)

    def _condition(self, pools: dict[str | None, list[Atom]], table: str | None, depth: int) -> Condition:
        random = self._random
        if depth == 0 or random.random() < 0.15:
            return random.choice(pools[table])
        shape = random.randrange(7 if table is None else 5)
        if shape >= 5:
            row = random.choice(list(TABLES))
            return Same(row, self._condition(pools, row, depth - 1))
        if shape == 4:
            return Not(self._condition(pools, table, depth - 1))
        parts = tuple(self._condition(pools, table, depth - 1) for _ in range(random.choice([1, 2, 2, 3])))
        if shape == 3:
            return AtLeast(random.randint(1, len(parts)), parts)
        return All(parts) if shape in {0, 1} else AnyOf(parts)

    def _atom(self, fact: Fact) -> Atom:
        random = self._random
        if fact.kind == "number":
            low, high = max(fact.low, -1000), min(fact.high, 1000)
            limit = random.choice([low, high, round(random.uniform(low, high)), *self._limits.get(fact.name, ())])
            return Bound(fact, random.choice(_OPERATORS), float(limit))
        mask = random.randint(1, max(1, fact.everything - 1))
        return Has(fact, mask) if fact.kind == "some_of" else Among(fact, mask)


def rulebook_of(conditions: list[Condition]) -> Rulebook:
    """A rulebook with one rule for each condition."""
    rules = tuple(
        Rule(
            f"random.{number}",
            "A rule",
            "A sentence",
            when,
            Conclusions(urgency=number % len(URGENCIES), action="Act."),
            "design",
            (),
            "rules/random.yaml",
            number,
        )
        for number, when in enumerate(conditions)
    )
    words: dict[str, str] = dict.fromkeys([str(urgency) for urgency in URGENCIES], "soon enough")
    return Rulebook("random", "0" * 64, "2026-11-23", ("watch",), "random", rules, {}, {}, {}, {}, {}, words)
