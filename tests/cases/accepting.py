"""What a published case asks of a note: each function answers with what is wrong, or with nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.triage.facts import registry
from app.triage.rulebook import URGENCIES
from tests.cases.reading import Accepts

NoteDict = Mapping[str, Any]
OFFERED = frozenset({"discussable", "discussable_with_uncertainty"})
LIVE = OFFERED | {"needs_information"}
NEEDS_CROSS_SECTION = (
    "lumbar_discectomy",
    "lumbar_decompression",
    "lumbar_decompression_and_fusion",
    "thoracic_decompression",
    "anterior_cervical_discectomy_and_fusion",
    "cervical_disc_arthroplasty",
    "posterior_cervical_foraminotomy",
    "posterior_cervical_decompression",
    "infection_surgery",
)
"""Procedures on discs, roots, cord or pus, none of which a plain film can show (evidence 1.3)."""


def statuses(note: NoteDict) -> dict[str, str]:
    """The status of each category that the note lists."""
    return {entry["category"]: entry["status"] for entry in note["categories"]}


def urgency_outside(note: NoteDict, accepts: Accepts) -> str | None:
    """A settled urgency is one of the accepted ones.

    An unsettled one may be below them at its lower end, since it says that something is still to be asked; but its
    upper end reaches the most urgent accepted tier, and its lower end does not pass it: too low is worse than too high.
    """
    low, high = (URGENCIES.index(note["urgency"][end]) for end in ("at_least", "at_most"))
    tiers = [URGENCIES.index(name) for name in accepts.urgency]
    fits = low in tiers if low == high else low <= max(tiers) <= high
    return None if fits else f"{URGENCIES[low]} to {URGENCIES[high]}, accepted: {', '.join(accepts.urgency)}"


def nothing_accepted(note: NoteDict, accepts: Accepts) -> str | None:
    """One accepted category is offered.

    It may wait for a fact only where the note asks for that fact, and be suppressed only while an emergency stands.
    """
    emergency = note["urgency"]["at_least"] == "emergency"
    for entry in note["categories"]:
        if entry["category"] not in accepts.categories:
            continue
        if entry["status"] in OFFERED or (entry["status"] == "suppressed" and emergency):
            return None
        if entry["status"] == "needs_information" and entry["ask"]:
            return None
    found = statuses(note)
    return f"{ {category: found.get(category) for category in accepts.categories} }"


def chosen_not_shown(note: NoteDict, accepts: Accepts) -> str | None:
    """What was done, or would be by the guideline, is among what the note shows, whatever is said of it."""
    found = statuses(note).get(accepts.categories[0])
    return f"{accepts.categories[0]}: {found}" if found in {None, "not_supported"} else None


def offered(note: NoteDict, categories: tuple[str, ...]) -> list[str]:
    """Those of the categories that the note offers."""
    every = "procedures" in categories
    return [
        entry["category"]
        for entry in note["categories"]
        if entry["status"] in OFFERED and (entry["category"] in categories or (every and entry["kind"] == "procedure"))
    ]


def certain(note: NoteDict, categories: tuple[str, ...]) -> list[str]:
    """Those of the categories that are shown, or waiting behind an emergency, without any doubt beside them."""
    return [
        entry["category"]
        for entry in note["categories"]
        if entry["category"] in categories
        and entry["status"] in {"discussable", "suppressed"}
        and not entry["uncertainty"]
        and not entry["against"]
    ]


def alone(note: NoteDict, categories: tuple[str, ...], accepts: Accepts) -> list[str]:
    """Those of the categories that stand without another accepted one beside them."""
    live = {category for category, status in statuses(note).items() if status in LIVE}
    return [category for category in categories if category in live and not live & {*accepts.categories} - {category}]


def first(note: NoteDict) -> str | None:
    """The category that stands first, if it is offered."""
    entries = [entry["category"] for entry in note["categories"] if entry["status"] in OFFERED]
    return entries[0] if entries else None


def settled_at(note: NoteDict) -> str | None:
    """The urgency, once it is settled."""
    return note["urgency"]["at_least"] if note["urgency"]["settled"] else None


def said(note: NoteDict, patterns: tuple[str, ...]) -> list[str]:
    """Sentences of the note, its techniques and its safety net that contain one of the patterns."""
    return [text for text in _texts(note) for pattern in patterns if re.search(pattern, text, re.IGNORECASE)]


def asked(note: NoteDict) -> set[str]:
    """Facts that the note asks for, among its questions or beside a category; a group asks for its members."""
    facts = {question["fact"] for question in note["questions"]}
    facts |= {fact for entry in note["categories"] for fact in entry["ask"]}
    groups = {fact.removeprefix("screening.") for fact in facts if fact.startswith("screening.")}
    return facts | {
        fact.full_name
        for table, registered in registry().items()
        for fact in registered.values()
        if groups.intersection(fact.groups)
    }


def asks_for_imaging(note: NoteDict) -> bool:
    """Whether the note says which imaging is missing, or waits for what imaging would show."""
    waiting = [fact for entry in note["categories"] if entry["status"] in LIVE for fact in entry["ask"]]
    return bool(note["imaging"]) or any(fact.startswith("imaging.") for fact in (*waiting, *asked(note)))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    for inner in part.values() if isinstance(part, Mapping) else part if isinstance(part, list | tuple) else ():
        yield from _texts(inner)
