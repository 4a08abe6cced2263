"""What could be discussed, on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.triage.page.words import bullet, cited, facts, label, listed

_STATUS = {
    "discussable": "could be discussed",
    "discussable_with_uncertainty": "could be discussed, with uncertainty",
    "needs_information": "not enough is known yet",
    "deferred": "for later",
    "suppressed": "set aside for now",
    "not_supported": "ruled out by what is known",
}
_SUPPORT = {
    "well_supported": "well supported",
    "non_randomised": "non-randomised studies",
    "mixed": "studies disagree",
    "not_supported": "not borne out",
    "uncertain": "uncertain",
}
_ASKS_SHOWN = 4


def topics(categories: list[Mapping[str, Any]]) -> list[str]:
    """Every category that is not set aside, each reason once; the full note repeats them where they belong."""
    lines: list[str] = []
    told: set[str] = set()
    shown = [
        category
        for category in categories
        if category["status"] != "suppressed" and category["category"] != "emergency_assessment"
    ]
    for category in shown:
        lines += _topic(category, told)
    aside = [category["title"] for category in categories if category["status"] == "suppressed"]
    if aside:
        lines += bullet(f"Set aside until the red flag is dealt with: {'; '.join(aside)}.")
    return lines


def _topic(category: Mapping[str, Any], told: set[str]) -> list[str]:
    at = f" at {', '.join(category['levels'])}" if category["levels"] else ""
    lines = bullet(f"{category['title'].upper()}{at}: {_STATUS[category['status']]}")
    certain = [reason for reason in category["for"] if reason["certain"]]
    for reason in certain or category["for"][:1]:
        lead = "" if reason["certain"] else "If confirmed: "
        lines += _reason(lead, "+", reason, told)
    for reason in category["against"]:
        lines += _reason("", "-", reason, told)
    for reason in category["uncertainty"]:
        lines += _reason("", "~", reason, told)
    if certain and category["status"] == "needs_information" and category["ask"]:
        lines += bullet(
            f"Not known: {listed([label(name) for name in _first_answers(category['ask'])], _ASKS_SHOWN)}", "?", 2
        )
    return lines + (_techniques(category) if certain else [])


def _first_answers(ask: list[str]) -> list[str]:
    """Without the screening groups, which stand under the questions already, unless there is nothing else."""
    return [name for name in ask if not name.startswith("screening.")] or ask


def _reason(lead: str, mark: str, reason: Mapping[str, Any], told: set[str]) -> list[str]:
    if reason["rule"] in told:
        return bullet(f"As above: {reason['text'].split('.')[0]}.", mark, 2)
    told.add(reason["rule"])
    return bullet(
        f"{lead}{reason['text']}{facts(reason['facts'])}{cited(reason['sources'], recalled=reason['recalled'])}",
        mark,
        2,
    )


def _techniques(category: Mapping[str, Any]) -> list[str]:
    """The technique about which most is known, claim by claim; the others by name."""
    if not category["techniques"]:
        return []
    first, *others = category["techniques"]
    claims = "; ".join(
        f"{claim['text']} ({_SUPPORT[claim['support']]}{', from memory' * claim['recalled']})"
        for claim in first["known"]
    )
    lines = bullet(f"{first['title']}: {claims}.", "*", 2)
    if others:
        lines += bullet(f"Also: {', '.join(technique['title'] for technique in others)}.", "*", 2)
    return lines
