"""What could be discussed, on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    "well_supported": "Well supported",
    "mixed": "Studies disagree",
    "not_supported": "Not borne out",
    "non_randomised": "From non-randomised studies",
    "uncertain": "Uncertain",
}
_SHOWN_FIRST = {"Well supported", "Studies disagree", "Not borne out"}
_STRENGTH = ("strong", "moderate", "weak", "expert", "design")
_STRONGEST = {"+": Rank.STRONGEST_FOR, "-": Rank.STRONGEST_AGAINST, "~": Rank.STRONGEST_DOUBT}
_ASKS_SHOWN = 4
_WORDS_AGAIN = 9


def topics(categories: Sequence[Mapping[str, Any]]) -> Section:
    """Every category that is not set aside, first with its strongest reason for, against and of doubt."""
    shown = [c for c in categories if c["status"] != "suppressed" and c["category"] != "emergency_assessment"]
    entries = [_topic(category) for category in shown]
    aside = [category["title"] for category in categories if category["status"] == "suppressed"]
    if aside:
        said = f"Set aside for now: {'; '.join(aside)}."
        entries.append(whole(Rank.TOPICS, Paragraph(said), names=("what is set aside",)))
    return Section(
        "WHAT COULD BE DISCUSSED   (+ for  - against  ~ uncertain  ? not known)",
        tuple(entries),
        lambda names, most: f"Also: {listed(names, most)}.",
    )


def _topic(category: Mapping[str, Any]) -> Entry:
    certain = [shown for shown in category["for"] if shown["certain"]]
    reasons = {"+": certain or category["for"][:1], "-": category["against"], "~": category["uncertainty"]}
    said = [(mark, shown) for mark, group in reasons.items() for shown in group]
    total = sum(len(category[key]) for key in ("for", "against", "uncertainty"))
    head = f"{category['title'].upper()}{_at(category)}: {_STATUS[category['status']]}"
    forms = [Form(Rank.TOPICS, (Paragraph(head),))]
    strongest: list[tuple[str, Mapping[str, Any]]] = []
    for mark, rank in _STRONGEST.items():
        if reasons[mark]:
            strongest.append((mark, min(reasons[mark], key=lambda shown: _STRENGTH.index(shown["strength"]))))
            forms.append(Form(rank, _told(head, strongest, total)))
    if not certain:
        return Entry(tuple(forms), (category["title"],))
    unknown, best, every = _unknown(category), *_techniques(category["techniques"])
    forms.append(Form(Rank.STRONGEST_DOUBT, (*_told(head, strongest, total), *unknown)))
    forms.append(Form(Rank.TECHNIQUES, (*_told(head, strongest, total), *unknown, *best)))
    forms.append(Form(Rank.EVERY_REASON, (*_told(head, said, total), *unknown, *best)))
    forms.append(Form(Rank.EVERY_CLAIM, (*_told(head, said, total), *unknown, *every)))
    return Entry(tuple(forms), (category["title"],))


def _told(head: str, some: Sequence[tuple[str, Mapping[str, Any]]], total: int) -> tuple[Paragraph, ...]:
    """Some reasons, and how many there are."""
    count = f" ({len(some)} of {total} reasons)" if len(some) < total else ""
    return (Paragraph(f"{head}{count}"), *(_reason(*pair) for pair in some))


def _at(category: Mapping[str, Any]) -> str:
    return f" at {listed(category['levels'], 3)}" if category["levels"] else ""


def _reason(mark: str, shown: Mapping[str, Any]) -> Paragraph:
    words = shown["text"].split()
    first = " ".join(words[:_WORDS_AGAIN]).rstrip(".,;")
    again = f"As above: {first}{'...' if len(words) > _WORDS_AGAIN else '.'}"
    return Paragraph(reason(shown), mark, 2, again, "" if shown["certain"] else "If confirmed: ")


def _unknown(category: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    """Without the screening groups, which stand under the questions already, unless there is nothing else."""
    if category["status"] != "needs_information" or not category["ask"]:
        return ()
    asks = [name for name in category["ask"] if not name.startswith("screening.")] or category["ask"]
    return (Paragraph(f"Not known: {listed([label(name) for name in asks], _ASKS_SHOWN)}.", "?", 2),)


def _techniques(shown: Sequence[Mapping[str, Any]]) -> tuple[tuple[Paragraph, ...], tuple[Paragraph, ...]]:
    """The technique about which most is known: first what is well supported or disputed, then every claim."""
    if not shown:
        return (), ()
    first, *others = shown
    groups = [
        (said, [f"{claim['text']}{' (from memory)' * claim['recalled']}" for claim in claims])
        for support, said in _SUPPORT.items()
        if (claims := [claim for claim in first["known"] if claim["support"] == support])
    ]
    best = [group for group in groups if group[0] in _SHOWN_FIRST] or groups[:1]
    left = len(first["known"]) - sum(len(claims) for _, claims in best)
    more = f" {left} more claim{'s' * (left != 1)} in the full note." if left else ""
    names = [f"Also: {', '.join(technique['title'] for technique in others)}."] if others else []
    short, whole_text = (f"{first['title']}. {' '.join(map(_claims, some))}" for some in (best, groups))
    return (
        (Paragraph(f"{short}{more}", "*", 2),),
        tuple(Paragraph(text, "*", 2) for text in (whole_text, *names)),
    )


def _claims(group: tuple[str, list[str]]) -> str:
    return f"{group[0]}: {'; '.join(group[1])}."
