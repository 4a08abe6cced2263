"""What a law is, and what comes of proving one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from app.governance.proofs.twice import Twice, rows_of
from app.governance.proofs.world import World, world_of
from app.governance.solver import Finder
from app.governance.solver.witness import Body
from app.triage import Rulebook, Triage
from app.triage.note.plan import NotePlan, plan_note
from app.triage.rulebook import Rule

ANY_DAY = date(2000, 1, 1)
"""No rule reads the day of a note."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a law does not hold: a sentence, and the bodies that show it when they are posted, in order.

    Without a body nothing was found that shows it, and nothing was proven either.
    """

    text: str
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What a proof leaves out, and why."""

    text: str


class Subject:
    """The rulebook that laws are proven of, with what they all use."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.finder = Finder(rulebook)

    @cached_property
    def plan(self) -> NotePlan:
        """The places of the rules in a note."""
        return plan_note(self.rulebook)

    @cached_property
    def triage(self) -> Triage:
        """The rulebook ready to make notes, to confirm what the solver found."""
        return Triage(self.rulebook)

    @cached_property
    def world(self) -> World:
        """All rules at once, to look for a body whose note says something."""
        return world_of(self.finder, self.plan)

    @cached_property
    def twice(self) -> Twice:
        """The rules in two states, with rows enough for any one of them in each."""
        return Twice(self.finder, rows_of(self.rules))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, by index."""
        return self.rulebook.rules


@dataclass(frozen=True, slots=True)
class Law:
    """A sentence about every consultation, and its proof: what fails it, if anything."""

    id: str
    sentence: str
    prove: Callable[[Subject], Iterator[Failure | Remark]]


def failing(text: str, body: Body | None) -> Failure:
    """A failure with the body that shows it, or the word that none was found."""
    return Failure(text, (body,)) if body else Failure(f"{text}; no consultation was found that shows it")


def at(rule: Rule) -> str:
    """A rule by its id and place."""
    return f"{rule.id} ({rule.file}:{rule.line})"
