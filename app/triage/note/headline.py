"""One sentence that a front desk can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

LONGEST = 199
"""Characters of a headline: two printed lines."""
_ASKED_AT_ONCE = 8
_NAMED = 3
_NOT_RULED_OUT = {"emergency": "an emergency", "urgent": "something urgent", "soon": "something to look at soon"}
_OPEN = ("discussable", "discussable_with_uncertainty")


def present_of(note: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The red flags of a note that are present; they stand before those not excluded."""
    return list(takewhile(lambda flag: flag["status"] == "present", note["red_flags"]))


def headline(note: Mapping[str, Any], changed: Sequence[Mapping[str, Any]] = ()) -> str:
    """The most urgent thing first, then what is not known, then what a revision lost, then what could be discussed.

    What comes last is left out where the sentence would grow longer than LONGEST.
    """
    lost = _lost(changed)
    said = [*_state(note, LONGEST - len("; ".join(["", *lost, ""]))), *lost]
    if note["urgency"]["settled"] and note["urgency"]["at_least"] != "emergency":
        outlook = _outlook(note)
        if len("; ".join([*said, outlook])) < LONGEST:
            said.append(outlook)
    return f"{'; '.join(said)}."


def _lost(changed: Sequence[Mapping[str, Any]]) -> list[str]:
    fell = any(change["what"] == "at_least" and change["lowered"] for change in changed)
    gone = sum(change["kind"] == "fact_removed" for change in changed)
    lost = ["LOWERED since the last revision"] if fell else []
    return [*lost, f"{gone} stated fact{'s' * (gone != 1)} fewer than the last revision"] if gone else lost


def _state(note: Mapping[str, Any], room: int) -> list[str]:
    """What is present and what to do, in at most `room` characters where an action has a short half; what is open."""
    urgency = note["urgency"]
    present = present_of(note)
    if urgency["at_least"] == "emergency":
        lead = f"EMERGENCY: {_small(present[0]['title'])}"
        action = present[0]["action"].partition(". ")[0].removesuffix(".")
        return [lead, _small(action if len(f"{lead}; {action}") <= room else action.partition("; ")[0])]
    lead = f"{urgency['at_least'].capitalize()}: {_small(present[0]['title'])}; " if present else "Not settled: "
    if not urgency["settled"]:
        count = sum(1 for _ in takewhile(lambda question: question["could_raise_urgency_to"], note["questions"]))
        return [f"{lead}{_NOT_RULED_OUT[urgency['at_most']]} is not ruled out, {_ask(count)}"]
    when = _small(urgency["act_within"]["text"])
    return [f"{lead}{when}" if present else f"Routine: {when.partition(';')[0]}"]


def _small(text: str) -> str:
    """A sentence as part of another; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _ask(count: int) -> str:
    if not count:
        return "and nothing is left to ask: a clinician decides"
    return (
        f"so ask questions 1 to {min(count, _ASKED_AT_ONCE)} below first"
        if count > 1
        else "so ask question 1 below first"
    )


def _outlook(note: Mapping[str, Any]) -> str:
    categories = note["categories"]
    titles = [c["title"] for c in categories if c["status"] in _OPEN and c["kind"] == "procedure"]
    if titles:
        return f"could be discussed with a surgeon: {_some(titles)}"
    if any(not limit["facts"] for limit in note["limits"]):
        return _no_procedure(note)
    paths = [
        c["title"]
        for c in categories
        if c["status"] in _OPEN and c["kind"] == "pathway" and c["category"] != "emergency_assessment"
    ]
    if paths:
        return f"could be discussed: {_some(paths)}"
    waiting = [
        c["title"] for c in categories if c["status"] in {"needs_information", "deferred"} and c["kind"] == "procedure"
    ]
    return f"not enough is known yet about {_some(waiting)}" if waiting else _no_procedure(note)


def _some(titles: Sequence[str]) -> str:
    more = len(titles) - _NAMED
    return ", ".join(_small(title) for title in titles[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _no_procedure(note: Mapping[str, Any]) -> str:
    """Silence of a rulebook that does not cover the region is not a finding."""
    if any(not limit["facts"] for limit in note["limits"]):
        return "procedures for this region are not judged here"
    return "nothing known so far speaks for a procedure of this rulebook"
