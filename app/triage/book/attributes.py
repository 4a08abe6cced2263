"""The thirteen source attributes of evidence-based decision support.

US certification (ONC HTI-1, 45 CFR 170.315(b)(11)(iv)(A)) asks for them so that users can judge what they are shown.
Which data are used is read off the rules and scores, not declared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.triage.book.asked import facts_read
from app.triage.rulebook import Rulebook

ATTRIBUTES = "Source attributes"
_AGES = {"patient.age", "history.age_at_onset"}
_SOCIAL = {"history.work_or_legal_strain"}
_HEALTH_STATUS = {
    "complaint.walking_limited",
    "complaint.walking_distance_m",
    "history.iv_drug_use",
    "history.pack_years",
    "history.self_harm_thoughts",
    "history.smoking",
    "history.smoking_stopped",
    "patient.pregnancy_weeks",
    "patient.pregnant",
    "patient.weeks_since_birth",
    "screening.mood",
}
"""Function, mood, pregnancy, smoking, drug use: health status assessments in US core data (USCDI), and `scores.*`."""


@dataclass(frozen=True, slots=True)
class _Data:
    """A kind of data: what counts as it, and what is said of it beside the facts."""

    attribute: str
    title: str
    counts: Callable[[str], bool]
    used: str = "Read by the rules and scores named here."
    unused: str = "No rule or score reads it, and nothing of the kind can be sent."


def _worded(*words: str) -> Callable[[str], bool]:
    """Names of facts in which one of the words stands by itself."""
    return lambda name: not set(words).isdisjoint(re.split(r"[._]", name))


_DATA = (
    _Data("race", "Use of race", _worded("race")),
    _Data("ethnicity", "Use of ethnicity", _worded("ethnicity", "ethnic")),
    _Data("language", "Use of language", _worded("language")),
    _Data("sexual_orientation", "Use of sexual orientation", _worded("orientation")),
    _Data("gender_identity", "Use of gender identity", _worded("gender")),
    _Data("sex", "Use of sex", _worded("sex"), used="Sex at birth, where the rules named here read it."),
    _Data(
        "date_of_birth",
        "Use of date of birth",
        lambda name: name in _AGES,
        used="As an age in whole years only; the date itself cannot be sent.",
        unused="No rule or score reads an age, and the date itself cannot be sent.",
    ),
    _Data(
        "social_determinants",
        "Use of social determinants of health data",
        lambda name: name in _SOCIAL,
        used="Strain at work or with the law, as a yes or no; nothing on housing, income or food.",
        unused="No rule or score reads any.",
    ),
    _Data(
        "health_status_assessments",
        "Use of health status assessments data",
        lambda name: name in _HEALTH_STATUS or name.startswith("scores."),
        used="Totals of questionnaires, and what was told of walking, mood, pregnancy, smoking and injected drugs.",
        unused="No rule or score reads any.",
    ),
)


def source_attributes(book: Rulebook) -> list[dict[str, Any]]:
    """`{attribute, title, says, used, facts, rules, sources}` thirteen times, in the regulation's order, as JSON.

    `used` is null for the four that are not about data; `rules` are the ids of rules and scores that read the facts.
    """
    return [*_described(book), *_data_used(book)]


def _described(book: Rulebook) -> Iterator[dict[str, Any]]:
    used = set(_sources_used(book))
    cited = [source for source in book.sources.values() if source.id in used]
    dates = sorted(source.reviewed_on for source in cited) or [book.released]
    citation = f"{len(cited)} sources, choices of our own among them; every rule names its own, each with its citation."
    yield _entry("bibliographic_citation", "Bibliographic citation", citation, sources=[source.id for source in cited])
    yield _entry("developer", "Developer", book.developer or "Not stated.")
    yield _entry("funding_source", "Funding source", book.funding or "Not stated.")
    says = (
        f"Version {book.version}, released on {book.released}. "
        f"Its sources were looked at from {dates[0]} to {dates[-1]}; each has its year, where known, beside it."
    )
    yield _entry("release_and_revision_dates", "Release and revision dates", says)


def _data_used(book: Rulebook) -> Iterator[dict[str, Any]]:
    read = facts_read(book)
    for data in _DATA:
        facts = [name for name in read if data.counts(name)]
        rules = list(dict.fromkeys(rule for name in facts for rule in read[name][1]))
        says = data.used if facts else data.unused
        yield _entry(data.attribute, data.title, says, used=bool(facts), facts=facts, rules=rules)


def _sources_used(book: Rulebook) -> Iterator[str]:
    for rule in book.rules:
        yield from rule.sources
    for score in book.scores.values():
        yield from score.sources
    for parameter in book.parameters.values():
        yield from parameter.sources
        yield from (name for name, _ in parameter.others)
    for technique in (each for category in book.categories.values() for each in category.techniques):
        yield from technique.sources
        yield from (name for claim in technique.known for name in claim.sources)


def _entry(attribute: str, title: str, says: str, **more: Any) -> dict[str, Any]:
    named: dict[str, Any] = {"attribute": attribute, "title": title, "says": says, "used": None}
    return named | {"facts": [], "rules": [], "sources": []} | more
