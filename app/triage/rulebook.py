"""A loaded rulebook: rules, what they conclude, where they come from. Plain immutable data, checked by `loading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.triage.conditions import Condition

Urgency = Literal["routine", "soon", "urgent", "emergency"]
URGENCIES: tuple[Urgency, ...] = ("routine", "soon", "urgent", "emergency")
CategoryKind = Literal["procedure", "pathway"]
Strength = Literal["strong", "moderate", "weak", "expert", "design"]
Support = Literal["well_supported", "non_randomised", "mixed", "not_supported", "uncertain"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from.

    `checked` says how: the source itself read, read in another document, or from memory only.
    """

    id: str
    citation: str
    year: int | None
    kind: str
    strength: Strength
    checked: Literal["verified", "second_hand", "recalled", "own_choice"]
    reviewed_on: str
    identifier: str | None = None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said of a technique, and how well it is supported."""

    text: str
    support: Support
    sources: tuple[str, ...]
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class Technique:
    """A way of doing what a category names."""

    id: str
    title: str
    summary: str
    known: tuple[Claim, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A procedure or pathway that a note may speak of."""

    id: str
    kind: CategoryKind
    title: str
    summary: str
    techniques: tuple[Technique, ...] = ()
    for_wear: bool = False
    elective: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that sources dispute, held once, in the unit of the facts it is compared with."""

    id: str
    value: float
    unit: str
    means: str
    sources: tuple[str, ...]
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of a score; both ends belong to it."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Component:
    """One row of a score's table: the points of whichever option holds."""

    name: str
    options: tuple[tuple[Condition, float], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of components, or the bands of one number; an interval while parts are unknown.

    It speaks only of rows (or consultations) for which `only_when` is certain. `not_modelled` says what its bands leave
    out.
    """

    id: str
    title: str
    table: str | None
    of: str | None
    components: tuple[Component, ...]
    bands: tuple[Band, ...]
    sources: tuple[str, ...]
    only_when: Condition | None = None
    not_modelled: str | None = None

    @property
    def low(self) -> float:
        """The smallest sum."""
        return sum(min(points for _, points in c.options) for c in self.components)

    @property
    def high(self) -> float:
        """The largest sum."""
        return sum(max(points for _, points in c.options) for c in self.components)


@dataclass(frozen=True, slots=True)
class Within:
    """A stricter time inside an urgency tier."""

    hours: float
    text: str


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What a rule says when it is true. Category lists are ids."""

    urgency: int | None = None
    within: Within | None = None
    action: str | None = None
    suppresses: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    defers: tuple[str, ...] = ()
    rules_out: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    imaging: str | None = None
    consideration: bool = False
    contradiction: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement: when it holds, what it concludes, how strong it is, and its sources.

    `recalled` says that it rests on memory only. `shown_from` keeps an undecided statement off the page until part of
    it is shown by a reported `level`, by `imaging` of any kind, or by one of the facts named there; a consideration
    that has it is never asked after.
    """

    id: str
    title: str
    says: str
    when: Condition
    concludes: Conclusions
    strength: Strength
    sources: tuple[str, ...]
    file: str
    line: int
    not_modelled: str | None = None
    recalled: bool = False
    shown_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """A paragraph of the evidence in a few words, and what of the rulebook came of it. Lists are ids."""

    id: str
    title: str
    file: str
    rules: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    not_modelled: str | None = None

    @property
    def named(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What came of it, as pairs of a kind and its ids; kinds of which nothing did are among them."""
        kinds = ("rules", "parameters", "scores", "categories", "techniques")
        return tuple((kind, getattr(self, kind)) for kind in kinds)

    @property
    def came_to_something(self) -> bool:
        """Whether it names anything of the rulebook."""
        return any(names for _, names in self.named)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Facts, by the names that notes have for them, that are kept and shown although no rule reads them; and why."""

    id: str
    facts: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the service knows. `files` are the texts it was read from; `digest` is their SHA-256.

    `developer` and `funding` are what their owners declare; empty where a rulebook of an earlier release says nothing.
    """

    version: str
    digest: str
    released: str
    safety_net: tuple[str, ...]
    disclaimer: str
    rules: tuple[Rule, ...]
    categories: Mapping[str, Category]
    sources: Mapping[str, Source]
    parameters: Mapping[str, Parameter]
    scores: Mapping[str, Score]
    files: Mapping[str, str]
    urgency_words: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    developer: str = ""
    funding: str = ""
    definitions: Mapping[str, Condition] = field(default_factory=dict)
    """Named conditions, each after those that it uses; rules hold them written out."""
    recorded: Mapping[str, Recorded] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Identity of the rulebook, as a note carries it."""
        return {"version": self.version, "digest": self.digest}
