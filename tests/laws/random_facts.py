"""Random consultations straight from the vocabulary, quicker than through bodies: every fact has one value or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from app.governance.cel.expressions import UNLISTED
from app.triage.facts import NO, TABLES, YES, Fact, blank
from app.triage.frames import Known, Row, Template, template_of
from app.triage.listing import list_vocabulary
from app.triage.vocabulary.levels import REGIONS
from tests.laws.bodies import Limits
from tests.laws.cel_witness import Place, Told, say, single

MOODS = ((0.05, 0.1), (0.1, 0.5), (0.3, 0.02), (0.4, 0.5), (0.8, 0.6))
"""How many of the facts are not known, and how many of the known yes-or-no ones are yes."""
MOST_ROWS = 2
_DRAWS = 256
_WHOLE = {(entry["table"], entry["rule_name"]) for entry in list_vocabulary()["facts"] if entry["sent_as"] == "integer"}
"""Facts of which only whole numbers are sent."""
Draw = tuple[tuple[Any, ...], Any]
"""Slots, and the value for the engine; None where the fact is not known."""


class FactMaker:
    """Draws consultations over the facts that a rulebook reads; the same seed draws the same ones."""

    def __init__(self, random: Random, facts: Mapping[str | None, Sequence[Fact]], limits: Limits) -> None:
        self._random, self._limits = random, limits
        self._tables: dict[str | None, list[list[tuple[Fact, str, list[Draw]]]]] = {
            table: [
                [(fact, fact.name.replace(".", "_"), self._draws(fact, *mood)) for fact in listed] for mood in MOODS
            ]
            for table, listed in facts.items()
        }
        self._facts = facts
        self._shadows = {table: self._unlisted(table) for table in TABLES}

    def consultation(self) -> tuple[Known, Told]:
        """One consultation, as the evaluator and as the engine take it."""
        random = self._random
        mood = random.randrange(len(MOODS))
        frame, variables = self._frame(None, mood)
        known = Known(frame, {}, {}, {}, {}, frozenset(), [])
        unlisted: dict[str, list[dict[str, Any]]] = {}
        partly: set[Place] = set()
        for table in TABLES:
            listed = [self._frame(table, mood) for _ in range(random.choice((0, 0, 1, 1, MOST_ROWS)))]
            known.rows[table] = [Row(str(number), row, {}) for number, (row, _) in enumerate(listed)]
            variables[table] = [row for _, row in listed]
            known.shadows[table], unlisted[table], unclear = random.choice(self._shadows[table])
            partly |= unclear
        variables[UNLISTED] = unlisted
        return known, Told(variables, partly)

    def _frame(self, table: str | None, mood: int) -> tuple[list[Any], dict[str, Any]]:
        frame, variables = blank(table), dict[str, Any]()
        drawn = self._tables[table][mood]
        for number, (fact, name, draws) in zip(self._random.randbytes(len(drawn)), drawn, strict=True):
            slots, value = draws[number]
            if value is not None:
                frame[fact.slot : fact.slot + len(slots)] = slots
                variables[name] = value
        return frame, variables

    def _draws(self, fact: Fact, unknown: float, yes: float) -> list[Draw]:
        blanks = round(_DRAWS * unknown)
        known = [self._slots(fact, yes) for _ in range(_DRAWS - blanks)]
        return [(fact.unknown(), None)] * blanks + [(slots, single(fact, slots)) for slots in known]

    def _slots(self, fact: Fact, yes: float) -> tuple[Any, ...]:
        random = self._random
        if fact.kind == "yes_no":
            return (YES if random.random() < yes else NO,)
        no = fact.said_no()
        if no is not None and random.random() > yes + 0.2:
            return no if fact.kind != "number" else (no[0], no[0])
        if fact.kind == "one_of":
            return (1 << random.randrange(len(fact.values)),)
        if fact.kind == "some_of":
            mask = fact.mask(random.sample(fact.values, random.choice((1, 1, 2, min(3, len(fact.values))))))
            return mask, mask
        near = [limit + step for limit in self._limits.get(fact.name, ()) for step in (-1, -1e-9, 0, 0, 1e-9, 1)]
        value = min(max(random.choice([*near, random.uniform(fact.low, fact.high)]), fact.low), fact.high)
        value = float(round(value)) if (fact.table, fact.name) in _WHOLE else value
        return value, value

    def _unlisted(self, table: str) -> list[tuple[tuple[Template, ...], list[dict[str, Any]], set[Place]]]:
        """Some ways in which rows may exist that nobody listed: not at all, unknown, or known in part."""
        groups = {group for fact in self._facts[table] for group in fact.groups}
        templates = [
            template_of(table),
            *(template_of(table, ruled_out=frozenset({group})) for group in sorted(groups)),
        ]
        # Of a level in a region, its name is known in part; where rules read the name, such rows say too little.
        if table == "level" and all(fact.name != "level" for fact in self._facts[table]):
            templates += [template_of(table, region, frozenset({"mri"})) for region in REGIONS]
            templates += [template_of(table, region) for region in REGIONS]
        choices: list[tuple[Template, ...]] = [(), *((template,) for template in templates)]
        choices += [tuple(self._random.sample(templates, 2)) for _ in range(2 if len(templates) > 1 else 0)]
        return [(chosen, *self._said(chosen)) for chosen in choices]

    def _said(self, templates: Sequence[Template]) -> tuple[list[dict[str, Any]], set[Place]]:
        partly: set[Place] = set()
        rows = [say(self._facts[template.table], template.frame, partly) for template in templates]
        return rows, partly
