"""The rest of the page: what changed, imaging, what to weigh, scores, what disagrees, what is not judged."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from app.triage.page.sheet import Entry, Form, Paragraph, Rank, Section, listed, whole
from app.triage.page.words import cited, facts, label, reason, told

_FACTS_NAMED = 6
_READINGS_SHOWN = 3


def changes(found: Sequence[Mapping[str, Any]]) -> Section:
    """What changed since the last revision; a lowered urgency always."""
    entries: list[Entry] = []
    facts_by_kind: dict[str, list[str]] = {}
    for change in found:
        if change["kind"].startswith("fact_"):
            facts_by_kind.setdefault(change["kind"].removeprefix("fact_"), []).append(label(change["what"]))
        elif change["kind"] != "category" or "not_listed" not in {change["from"], change["to"]}:
            rank = Rank.ALWAYS if change["kind"] == "urgency" else Rank.CHANGES
            entries.append(whole(rank, Paragraph(change["text"]), names=(change["text"],)))
    entries += [
        whole(Rank.CHANGES, Paragraph(f"Facts {kind}: {listed(names, _FACTS_NAMED)}."), names=(f"facts {kind}",))
        for kind, names in facts_by_kind.items()
    ]
    return Section("CHANGED SINCE THE LAST REVISION", tuple(entries), _others)


def imaging(items: Sequence[Mapping[str, Any]], milder: Container[str]) -> Section:
    """Imaging that a rule asks for, and what none has shown so far.

    milder   rules of red flags beside which a more urgent one of their family asks for imaging; theirs is left out
    """
    return Section(
        "IMAGING",
        tuple(
            whole(
                Rank.MISSING_IMAGING,
                Paragraph(f"{item['text']}{cited(item['sources'])}", again=""),
                names=(item["text"].partition(". ")[0].removesuffix("."),),
            )
            for item in items
            if not all(rule in milder for rule in item["for"])
        ),
        _others,
    )


def considerations(items: Sequence[Mapping[str, Any]]) -> Section:
    """What to weigh before any operation."""
    entries = tuple(whole(Rank.BESIDE, Paragraph(reason(item), again=""), names=(item["title"],)) for item in items)
    return Section("BEFORE ANY OPERATION", entries, _others, ((Rank.TOPICS, 3), (Rank.BESIDE, 12)))


def scores(items: Sequence[Mapping[str, Any]]) -> Section:
    """Scores as intervals."""
    entries = tuple(
        whole(Rank.BESIDE, Paragraph(_score(item)), names=(f"{item['title']}{_at(item)}",)) for item in items
    )
    return Section("SCORES", entries, _others)


def _score(item: Mapping[str, Any]) -> str:
    low, high = item["at_least"], item["at_most"]
    span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    band = f", {item['band']}" if item["band"] else ""
    missing = f"; not known: {', '.join(item['missing'])}" if item["missing"] else ""
    return f"{item['title']}{_at(item)}: {span}{band}{missing}{cited(item['sources'])}"


def _at(item: Mapping[str, Any]) -> str:
    return f" at {item['level']}" if item.get("level") else ""


def doubts(note: Mapping[str, Any]) -> Section:
    """What disagrees, alike kinds together; then values that are unusual."""
    by_text: dict[str, list[Mapping[str, Any]]] = {}
    for item in note["contradictions"]:
        by_text.setdefault(item["text"], []).append(item)
    entries = [_disagreement(text, alike) for text, alike in by_text.items()]
    unusual: dict[str, list[Mapping[str, Any]]] = {}
    for item in note["warnings"]:
        unusual.setdefault(item["text"], []).append(item)
    for text, alike in unusual.items():
        levels = listed([item["level"] for item in alike if item["level"]], _READINGS_SHOWN)
        said = Paragraph(f"{text.removesuffix('.')}{f' ({levels})' if levels else ''}.")
        entries.append(whole(Rank.BESIDE, said, names=(f"{label(alike[0]['fact'])}{_at(alike[0])}",)))
    return Section("DISAGREEMENTS AND UNUSUAL VALUES", tuple(entries), _others)


def _disagreement(text: str, alike: list[Mapping[str, Any]]) -> Entry:
    names = [f"{label(item['fact'])}{_at(item)}" for item in alike if item["fact"]]
    few, every, readings = (
        (Paragraph(f"{text} [{words}]" if words else text),)
        for words in (listed(names, 3), listed(names, len(names)), "; ".join(map(_readings, alike)))
    )
    forms = (Form(Rank.EVERY_DISAGREEMENT, few), Form(Rank.READINGS, every), Form(Rank.READINGS, readings))
    return Entry(forms, (text,))


def _readings(item: Mapping[str, Any]) -> str:
    """One side against the other, the first of them where there are many."""
    said = [
        f"{told(label(reading.get('fact') or item['fact']), reading['value'])}{_at(reading)}"
        for reading in item["readings"]
    ]
    more = len(said) - _READINGS_SHOWN
    return " / ".join(said[:_READINGS_SHOWN]) + (f" / and {more} more" if more > 0 else "")


def limits(items: Sequence[Mapping[str, Any]]) -> Section:
    """What this note does not judge."""
    entries = tuple(
        whole(Rank.BESIDE, Paragraph(f"{item['text']}{facts(item['facts'], _FACTS_NAMED)}"), names=(item["text"],))
        for item in items
    )
    return Section("NOT JUDGED HERE", entries, _others)


def _others(names: Sequence[str], most: int) -> str:
    return f"Also: {listed([name.rstrip('.') for name in names], most)}."
