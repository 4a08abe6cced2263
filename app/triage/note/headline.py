"""One sentence that a front desk can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

_ASKED_AT_ONCE = 8
_OPEN = ("discussable", "discussable_with_uncertainty")


def present_of(note: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The red flags of a note that are present; they stand before those not excluded."""
    return list(takewhile(lambda flag: flag["status"] == "present", note["red_flags"]))


def headline(note: Mapping[str, Any], changed: Sequence[Mapping[str, Any]] = ()) -> str:
    """The most urgent thing first, then what is not known, then what could be discussed, then what a revision lost."""
    fell = any(change["what"] == "at_least" and change["lowered"] for change in changed)
    lowered = " LOWERED since the last revision: see what changed." if fell else ""
    gone = sum(change["kind"] == "fact_removed" for change in changed)
    lost = (
        f" {gone} stated fact{'s' * (gone != 1)} of the last revision {'are' if gone != 1 else 'is'} gone."
        if gone
        else ""
    )
    return f"{_state(note)}{lowered}{lost}"


def _state(note: Mapping[str, Any]) -> str:
    urgency = note["urgency"]
    present = present_of(note)
    if urgency["at_least"] == "emergency":
        return f"EMERGENCY: {present[0]['title']}. {present[0]['action'].split('. ')[0].rstrip('.')}."
    if not urgency["settled"]:
        count = sum(1 for _ in takewhile(lambda question: question["could_raise_urgency_to"], note["questions"]))
        ask = _ask(count)
        doubt = f"Not settled: {urgency['at_most']} is not excluded. {ask}"
        return f"{_tier(urgency, present)} {doubt}" if present else doubt
    lead = _tier(urgency, present) if present else f"Routine: {urgency['act_within']['text']}."
    return f"{lead} {_outlook(note)}"


def _ask(count: int) -> str:
    if not count:
        return "Nothing is left to ask; a clinician decides."
    if count > _ASKED_AT_ONCE:
        return f"Ask the first {_ASKED_AT_ONCE} questions below before anything else; more follow from the answers."
    return f"Ask the {count} question{'s' * (count != 1)} below before anything else."


def _tier(urgency: Mapping[str, Any], present: Sequence[Mapping[str, Any]]) -> str:
    return f"{urgency['at_least'].capitalize()}: {present[0]['title']}; {urgency['act_within']['text']}."


def _outlook(note: Mapping[str, Any]) -> str:
    categories = note["categories"]
    titles = [c["title"] for c in categories if c["status"] in _OPEN and c["kind"] == "procedure"]
    if titles:
        return f"Could be discussed with a surgeon: {'; '.join(titles)}."
    waiting = [
        c["title"] for c in categories if c["status"] in {"needs_information", "deferred"} and c["kind"] == "procedure"
    ]
    if not titles and any(not limit["facts"] for limit in note["limits"]):
        return _no_procedure(note)
    paths = [
        c["title"]
        for c in categories
        if c["status"] in _OPEN and c["kind"] == "pathway" and c["category"] != "emergency_assessment"
    ]
    if paths:
        return f"Could be discussed: {'; '.join(paths[:3])}."
    return f"Not enough is known yet about: {'; '.join(waiting)}." if waiting else _no_procedure(note)


def _no_procedure(note: Mapping[str, Any]) -> str:
    """Silence of a rulebook that does not cover the region is not a finding."""
    uncovered = [limit["text"] for limit in note["limits"] if not limit["facts"]]
    return uncovered[0] if uncovered else "What is known speaks for no procedure of this rulebook."
