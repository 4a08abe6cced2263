"""Which rules a note states something by, and which it could not decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def statements_of(note: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The ids of rules that a note (see `Note`) shows as true, and of those it shows as undecided.

    True are red flags that are present, certain reasons for and against a category or why it is uncertain,
    considerations, contradictions, and imaging that a rule asks for. Undecided are red flags that are not excluded, and
    reasons that are not certain. Rules that no statement of the note comes from are in neither.
    """
    true: set[str] = set()
    undecided: set[str] = set()
    for flag in note["red_flags"]:
        (true if flag["status"] == "present" else undecided).add(flag["rule"])
    for category in note["categories"]:
        for side in ("for", "against", "uncertainty"):
            for reason in category[side]:
                (undecided if reason.get("certain") is False else true).add(reason["rule"])
    true.update(consideration["rule"] for consideration in note["considerations"])
    true.update(found["rule"] for found in note["contradictions"] if found["rule"] is not None)
    # Imaging of a modality is what open statements about categories wait for; the rest is what a true rule asks for.
    for asked in note["imaging"]:
        if asked["modality"] is None:
            true.update(asked["for"])
    return true, undecided - true
