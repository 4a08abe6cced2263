"""What could be discussed, on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.triage.page.sheet import Entry, Form, Paragraph, Rank, Section, listed, whole
from app.triage.page.words import label, reason

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
_STRENGTH = ("strong", "moderate", "weak", "expert", "design")
_ASKS_SHOWN = 4
_WORDS_AGAIN = 9


def topics(categories: Sequence[Mapping[str, Any]]) -> Section:
    """Every category that is not set aside, first with its strongest reason for, against and of doubt."""
    shown = [c for c in categories if c["status"] != "suppressed" and c["category"] != "emergency_assessment"]
    entries = [_topic(category) for category in shown]
    aside = [category["title"] for category in categories if category["status"] == "suppressed"]
    if aside:
        said = f"Set aside until the red flag is dealt with: {'; '.join(aside)}."
        entries.append(whole(Rank.TOPICS, Paragraph(said), names=("what is set aside",)))
    return Section(
        "WHAT COULD BE DISCUSSED   (+ for  - against  ~ uncertain  ? not known)",
        tuple(entries),
        lambda names, most: f"Also: {listed(names, most)}.",
    )


def _topic(category: Mapping[str, Any]) -> Entry:
    certain = [shown for shown in category["for"] if shown["certain"]]
    said = [
        *((mark, shown) for mark, group in (("+", certain or category["for"][:1]),) for shown in group),
        *(("-", shown) for shown in category["against"]),
        *(("~", shown) for shown in category["uncertainty"]),
    ]
    strongest = [pair for pair in said if pair[1] is _strongest(other for mark, other in said if mark == pair[0])]
    unknown = _unknown(category) if certain else ()
    head = f"{category['title'].upper()}{_at(category)}: {_STATUS[category['status']]}"
    first, every = (
        (Paragraph(f"{head}{_shown(some, said)}"), *(_reason(*pair) for pair in some), *unknown)
        for some in (strongest, said)
    )
    forms = [Form(Rank.TOPICS, (Paragraph(head),)), Form(Rank.STRONGEST_REASONS, first)]
    forms += [Form(Rank.EVERY_REASON, every)] if len(said) > len(strongest) else []
    techniques = _techniques(category) if certain else ()
    forms += [Form(Rank.TECHNIQUES, (*every, *techniques))] if techniques else []
    return Entry(tuple(forms), (category["title"],))


def _at(category: Mapping[str, Any]) -> str:
    return f" at {listed(category['levels'], 3)}" if category["levels"] else ""


def _shown(some: Sequence[Any], every: Sequence[Any]) -> str:
    return f" ({len(some)} of {len(every)} reasons)" if len(some) < len(every) else ""


def _strongest(reasons: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return min(reasons, key=lambda shown: _STRENGTH.index(shown["strength"]))


def _reason(mark: str, shown: Mapping[str, Any]) -> Paragraph:
    lead = "" if shown["certain"] else "If confirmed: "
    words = shown["text"].split()
    first = " ".join(words[:_WORDS_AGAIN]).rstrip(".,;")
    again = f"As above: {first}{'...' if len(words) > _WORDS_AGAIN else '.'}"
    return Paragraph(f"{lead}{reason(shown)}", mark, 2, again)


def _unknown(category: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    """Without the screening groups, which stand under the questions already, unless there is nothing else."""
    if category["status"] != "needs_information" or not category["ask"]:
        return ()
    asks = [name for name in category["ask"] if not name.startswith("screening.")] or category["ask"]
    return (Paragraph(f"Not known: {listed([label(name) for name in asks], _ASKS_SHOWN)}.", "?", 2),)


def _techniques(category: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    """The technique about which most is known, claim by claim; the others by name."""
    if not category["techniques"]:
        return ()
    first, *others = category["techniques"]
    claims = "; ".join(
        f"{claim['text']} ({_SUPPORT[claim['support']]}{', from memory' * claim['recalled']})"
        for claim in first["known"]
    )
    said = [f"{first['title']}: {claims}."]
    said += [f"Also: {', '.join(technique['title'] for technique in others)}."] if others else []
    return tuple(Paragraph(text, "*", 2) for text in said)
