"""One sentence that a front desk can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

_OPEN = ("discussable", "discussable_with_uncertainty")


def present_of(note: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The red flags of a note that are present; they stand before those not excluded."""
    return list(takewhile(lambda flag: flag["status"] == "present", note["red_flags"]))


def headline(note: Mapping[str, Any]) -> str:
    """The most urgent thing first; then what is not known; only then what could be discussed."""
    urgency = note["urgency"]
    present = present_of(note)
    if urgency["at_least"] == "emergency":
        return f"EMERGENCY: {present[0]['title']}. {present[0]['action'].split('. ')[0].rstrip('.')}."
    if not urgency["settled"]:
        count = sum(1 for _ in takewhile(lambda question: question["could_raise_urgency_to"], note["questions"]))
        ask = f"Ask the {count} question{'s' * (count != 1)} below before anything else."
        doubt = f"Not settled: {urgency['at_most']} is not excluded. {ask}"
        return f"{_tier(urgency, present)} {doubt}" if present else doubt
    lead = _tier(urgency, present) if present else f"Routine: {urgency['act_within']['text']}."
    return f"{lead} {_outlook(note['categories'])}"


def _tier(urgency: Mapping[str, Any], present: Sequence[Mapping[str, Any]]) -> str:
    return f"{urgency['at_least'].capitalize()}: {present[0]['title']}; {urgency['act_within']['text']}."


def _outlook(categories: list[Mapping[str, Any]]) -> str:
    titles = [c["title"] for c in categories if c["status"] in _OPEN and c["kind"] == "procedure"]
    if titles:
        return f"Could be discussed with a surgeon: {'; '.join(titles)}."
    waiting = [
        c["title"] for c in categories if c["status"] in {"needs_information", "deferred"} and c["kind"] == "procedure"
    ]
    paths = [
        c["title"]
        for c in categories
        if c["status"] in _OPEN and c["kind"] == "pathway" and c["category"] != "emergency_assessment"
    ]
    if paths:
        return f"Could be discussed: {'; '.join(paths[:3])}."
    return (
        f"Not enough is known yet about: {'; '.join(waiting)}."
        if waiting
        else "No procedure is supported by what is known."
    )
