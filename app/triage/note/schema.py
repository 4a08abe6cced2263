"""The shape of a note, for OpenAPI and for the tests that hold every note against it.

Notes themselves are plain dicts.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

UrgencyName = Literal["routine", "soon", "urgent", "emergency"]
Status = Literal[
    "discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed", "not_supported"
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActWithin(_Part):
    """The strictest time among the rules that are true; no number of hours when routine."""

    hours: float | None
    text: str


class Urgency(_Part):
    """How soon somebody should act, as an interval: from the rules that are true to the rules that are not false."""

    at_least: UrgencyName
    at_most: UrgencyName
    settled: bool
    act_within: ActWithin


class FactShown(BaseModel):
    """A fact with the value that decided.

    `from` names the screening group that answered it, or says "worked out"; with "still possible" the value lists what
    may be so, and which of them is not known.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    fact: str
    label: str
    value: Any
    unit: str | None = None
    level: str | None = None
    source_answer: str | None = Field(default=None, alias="from")


class Reason(_Part):
    """A statement with the facts, the rule and the sources behind it.

    `certain` is false while the rule is undecided.
    """

    text: str
    facts: list[FactShown]
    rule: str
    sources: list[str]
    certain: bool | None = None
    recalled: bool = False
    strength: str | None = None
    ask: list[str] | None = None


class RedFlag(_Part):
    """A red flag that is present, or not excluded; what to do is said only of one that is present."""

    rule: str
    title: str
    status: Literal["present", "not_excluded"]
    urgency: UrgencyName
    action: str | None
    because: list[Reason]
    ask: list[str]
    sources: list[str]
    strength: str | None = None


class TechniqueClaim(_Part):
    """What is said of a technique, and how well that is supported."""

    text: str
    support: Literal["well_supported", "non_randomised", "mixed", "not_supported", "uncertain"]
    recalled: bool
    sources: list[str]


class TechniqueShown(_Part):
    """A way of doing what the category names."""

    technique: str
    title: str
    summary: str
    known: list[TechniqueClaim]
    sources: list[str]


class CategoryShown(_Part):
    """A procedure or pathway that could be talked about, or why not."""

    category: str
    kind: Literal["procedure", "pathway"]
    title: str
    summary: str
    status: Status
    levels: list[str]
    for_: list[Reason] = Field(alias="for")
    against: list[Reason]
    uncertainty: list[Reason]
    techniques: list[TechniqueShown]
    ask: list[str]
    rules: list[str]


class QuestionShown(_Part):
    """An unknown that still matters."""

    fact: str
    question: str
    unit: str | None
    could_raise_urgency_to: UrgencyName | None
    affects: list[str]


class ImagingShown(_Part):
    """Imaging that is missing, and for which statements."""

    modality: str | None
    text: str
    findings: list[str]
    for_: list[str] = Field(alias="for")
    facts: list[FactShown]
    sources: list[str]


class Consideration(_Part):
    """Something to talk about before any operation."""

    title: str
    text: str
    facts: list[FactShown]
    rule: str
    strength: str
    recalled: bool
    sources: list[str]


class ScoreShown(_Part):
    """A score as an interval; the band only where both ends share it."""

    score: str
    title: str
    level: str | None
    at_least: float
    at_most: float
    band: str | None
    used: list[str]
    missing: list[str]
    not_modelled: str | None
    sources: list[str]


class Contradiction(_Part):
    """What disagrees; the worse reading was used."""

    kind: str
    text: str
    fact: str | None
    level: str | None
    readings: list[dict[str, Any]]
    rule: str | None
    sources: list[str]


class UnusualValue(_Part):
    """An allowed but unusual value."""

    fact: str
    level: str | None
    text: str


class Change(BaseModel):
    """One difference from the previous revision's note."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    kind: str
    what: str
    before: Any = Field(alias="from")
    to: Any
    text: str
    lowered: bool | None = None


class Limit(_Part):
    """Something stated that this note does not judge."""

    text: str
    facts: list[FactShown]


class SourceShown(_Part):
    """Where statements come from, how strong it is, how old, and how it was checked."""

    id: str
    citation: str
    year: int | None
    kind: str
    strength: str
    checked: Literal["verified", "second_hand", "recalled", "own_choice"]
    identifier: str | None
    retracted: bool


class RulebookIdentity(_Part):
    """Which rulebook made the note."""

    version: str
    digest: str


class Note(_Part):
    """An informational note. It informs a conversation; it does not diagnose or order."""

    headline: str
    urgency: Urgency
    red_flags: list[RedFlag]
    categories: list[CategoryShown]
    questions: list[QuestionShown]
    imaging: list[ImagingShown]
    considerations: list[Consideration]
    scores: list[ScoreShown]
    contradictions: list[Contradiction]
    warnings: list[UnusualValue]
    limits: list[Limit]
    changes: list[Change]
    known_facts: dict[str, Any]
    safety_net: list[str]
    disclaimer: str
    sources: list[SourceShown]
    rulebook: RulebookIdentity
    engine: int
    input_digest: str
    made_on: str
