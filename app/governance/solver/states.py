"""A symbolic state of knowledge: what is known of the consultation, of each listed row, and of rows nobody listed.

The state is wider than what bodies can say: every set of values is allowed for every fact, bound only by what
`app.triage.derived` and the shape of rows make so in every consultation, contradictory ones included. What holds in all
of its models therefore holds for every consultation. `app.governance.solver.plain` narrows it to bodies that can be
written down.

Rows are bounded: a state has a fixed number of listed rows in each table, any of which may be absent. That is enough
when there is one for each `Same` that a question wants true or possible: take a consultation that answers the question,
keep for each such `Same` one row that makes it so, and leave the others out. `Same` says "some row", so what was true
or possible still is; what was false or undecided as "no row" stays so with fewer rows; and every other fact is a
variable of its own, which no row was needed for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import z3

from app.governance.solver.atoms import Template
from app.governance.solver.classes import Classes
from app.governance.solver.cone import Cone
from app.governance.solver.cone import closed as closed_names
from app.governance.solver.logic import Truth, disj
from app.governance.solver.relations import relations
from app.governance.solver.scale import Span
from app.governance.solver.values import Choice, Choices, fresh
from app.triage.facts import TABLES, Fact, registry
from app.triage.frames import template_of
from app.triage.screening import GROUPS
from app.triage.vocabulary.declare import EVERY_MODALITY
from app.triage.vocabulary.levels import REGIONS


class Frame:
    """Variables for what is known of the consultation (table None) or of one row; each is made when first asked for."""

    def __init__(self, table: str | None, name: str, classes: Classes, listed: Truth) -> None:
        self.table, self.name, self.listed = table, name, listed
        self._classes = classes
        self._values: dict[str, Choice | Choices | Span] = {}
        self._sound: dict[str, list[Truth]] = {}

    def __getitem__(self, name: str) -> Choice | Choices | Span:
        """What is known of a fact."""
        found = self._values.get(name)
        if found is None:
            fact = registry()[self.table][name]
            found = self._values[name] = fresh(
                fact, self._classes.of(fact), self._classes.edges(fact), f"{self.name}{name}"
            )
        return found

    def choice(self, name: str) -> Choice:
        """The same of a yes_no or one_of fact."""
        found = self[name]
        if not isinstance(found, Choice):
            raise TypeError(f"{name} is not one of a list")
        return found

    def choices(self, name: str) -> Choices:
        """The same of a some_of fact."""
        found = self[name]
        if not isinstance(found, Choices):
            raise TypeError(f"{name} is not some of a list")
        return found

    def span(self, name: str) -> Span:
        """The same of a number."""
        found = self[name]
        if not isinstance(found, Span):
            raise TypeError(f"{name} is not a number")
        return found

    def told(self, name: str) -> Any:
        """Whether a body states the fact; means something only beside `plain`."""
        return z3.Bool(f"{self.name}{name} told")

    def sound(self, name: str) -> list[Truth]:
        """What holds of a fact in every consultation, beside facts that are read with it."""
        found = self._sound.get(name)
        if found is None:
            found = self._sound[name] = [self[name].sound(), *relations(self, name)]
        return found


class State:
    """One symbolic state. `rows` says how many listed rows each table has; without it, none."""

    def __init__(self, name: str, classes: Classes, rows: Mapping[str, int]) -> None:
        self.name = name
        self.top = Frame(None, name, classes, listed=True)
        self.rows: dict[str, list[Frame]] = {
            table: [
                Frame(table, f"{name}{table}{number}.", classes, z3.Bool(f"{name}{table}{number} listed"))
                for number in range(rows.get(table, 0))
            ]
            for table in TABLES
        }
        self.none: dict[str, Truth] = {group: z3.Bool(f"{name}{group} ruled out") for group in GROUPS}
        """For each screening group: its "none" stands, so what nobody stated of it is "no"."""
        self.covered: dict[tuple[str, str], Truth] = {
            (region, modality): z3.Bool(f"{name}{modality} covers {region}")
            for region in REGIONS
            for modality in EVERY_MODALITY
        }
        self.may_exist = {table: z3.Bool(f"{name}unlisted {table}") for table in ("surgery", "course")}
        """An operation or treatment beside the listed ones."""
        self._unlisted: dict[str, tuple[Unlisted, ...]] = {}

    def frames(self, table: str | None) -> list[Frame]:
        """The consultation's frame, or those of a table's listed rows."""
        return [self.top] if table is None else self.rows[table]

    def unlisted(self, table: str) -> tuple[Unlisted, ...]:
        """The kinds of rows of a table that nobody listed: a level of each region, else one."""
        if table not in self._unlisted:
            regions: tuple[str | None, ...] = REGIONS if table == "level" else (None,)
            self._unlisted[table] = tuple(
                Unlisted(self, table, region, self.may_exist.get(table, True)) for region in regions
            )
        return self._unlisted[table]

    def closed(self, fact: Fact, region: str | None) -> Truth:
        """Whether a screen's "none", or a report that covers the region, answers what nobody stated of a fact."""
        parts: list[Truth] = [self.none[group] for group in fact.groups]
        if region is not None:
            parts += [self.covered[region, modality] for modality in fact.ruled_out_on or ()]
        return disj(parts)

    def sound(self, cone: Cone) -> Iterator[Truth]:
        """What holds in every consultation of the facts of a cone."""
        for table, name in cone.facts:
            for frame in self.frames(table):
                yield from frame.sound(name)
        for table in cone.tables:
            for first, second in pairwise(self.rows[table]):
                yield disj((first.listed, z3.Not(second.listed)))

    def power_was_normal(self) -> Truth:
        """All strength that nobody listed was examined as normal."""
        return self.top.choice("examination.power_otherwise_normal").pair(2)[0]


class Unlisted:
    """A kind of row that nobody listed: whether such a row may exist, and what is known of its facts."""

    def __init__(self, state: State, table: str, region: str | None, exists: Truth) -> None:
        self.exists = exists
        self._state, self._table, self._region, self._facts = state, table, region, registry()[table]
        self._values: dict[str, Template] = {}
        self._opened = template_of(table, region).frame
        everything = frozenset(GROUPS)
        self._closed = template_of(table, region, frozenset(EVERY_MODALITY), everything).frame

    def __getitem__(self, name: str) -> Template:
        """What is known of a fact."""
        found = self._values.get(name)
        if found is None:
            found = self._values[name] = self._template(self._facts[name])
        return found

    def _template(self, fact: Fact) -> Template:
        at = slice(fact.slot, fact.slot + 1 + fact.wide)
        # A derived value is closed with any of the values that it follows from.
        names = closed_names([(self._table, fact.name)])
        sources = [self._facts[other] for table, other in names if table == self._table]
        parts = [self._state.closed(one, self._region) for one in sources if one.said_no() is not None]
        if self._table == "deficit" and "weakness" in fact.groups:
            parts.append(self._state.power_was_normal())
        return Template(fact, disj(parts), tuple(self._closed[at]), tuple(self._opened[at]))
