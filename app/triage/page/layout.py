"""The sections of the page, in the order in which they matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.triage.page.topics import topics
from app.triage.page.words import bullet, cited, facts, label, listed, value, wrapped

_TIERS = ("emergency", "urgent", "soon")
_QUESTIONS_SHOWN = 8
_QUESTIONS_IN_EMERGENCY = 4
_CHECKED = {"verified": "", "second_hand": " second-hand", "recalled": " from memory", "own_choice": " our own choice"}


def plain_text(note: Mapping[str, Any]) -> str:
    """The note as text, lines of at most 96 characters.

    Marks: + speaks for, - speaks against, ~ uncertain, ? not known.
    """
    parts = [
        wrapped(note["headline"]),
        [_urgency(note["urgency"])],
        _section("CHANGED SINCE THE LAST REVISION", _changes(note["changes"])),
        _section("RED FLAGS", [*_flags(note["red_flags"]), *_screened(note["known_facts"])]),
        _section(*_questions(note)),
        _section("WHAT COULD BE DISCUSSED   (+ for  - against  ~ uncertain  ? not known)", topics(note["categories"])),
        _section("IMAGING", [line for text in _imaging(note["imaging"]) for line in bullet(text)]),
        _section(
            "BEFORE ANY OPERATION",
            [
                line
                for item in note["considerations"]
                for line in bullet(
                    f"{item['text']}{facts(item['facts'])}{cited(item['sources'], recalled=item['recalled'])}"
                )
            ],
        ),
        _section("SCORES", [line for item in note["scores"] for line in bullet(_score(item))]),
        _section("DISAGREEMENTS AND UNUSUAL VALUES", _doubts(note)),
        _section(
            "NOT JUDGED HERE",
            [line for item in note["limits"] for line in bullet(f"{item['text']}{facts(item['facts'])}")],
        ),
        _section("WATCH FOR", [line for item in note["safety_net"] for line in bullet(item)]),
        _section("SOURCES (year; read unless said otherwise)", _sources(note)),
        wrapped(f"{note['disclaimer']} {_made_by(note)}"),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _made_by(note: Mapping[str, Any]) -> str:
    rulebook = note["rulebook"]
    return f"Rulebook {rulebook['version']} ({rulebook['digest'][:12]}), {note['made_on']}."


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _urgency(urgency: Mapping[str, Any]) -> str:
    if urgency["settled"]:
        return f"URGENCY: {urgency['at_least']}, settled. {urgency['act_within']['text']}."
    return f"URGENCY: at least {urgency['at_least']}; {urgency['at_most']} is not excluded."


def _changes(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    facts_by_kind: dict[str, list[str]] = {}
    for change in changes:
        if change["kind"].startswith("fact_"):
            facts_by_kind.setdefault(change["kind"].removeprefix("fact_"), []).append(label(change["what"]))
        elif change["kind"] != "category" or "not_listed" not in {change["from"], change["to"]}:
            lines += bullet(change["text"])
    for kind, names in facts_by_kind.items():
        lines += bullet(f"Facts {kind}: {', '.join(names)}.")
    return lines


def _flags(flags: list[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    leading: dict[str, str] = {}
    for flag in flags:
        family = flag["rule"].rsplit(".", maxsplit=1)[0]
        # Of one family only the most urgent flags are read out; the full note lists the milder ones that hold too.
        if flag["status"] == "present" and leading.setdefault(family, flag["urgency"]) == flag["urgency"]:
            lines += bullet(f"{flag['urgency'].upper()}: {flag['title']}. {flag['action']}")
            for reason in flag["because"]:
                lines += bullet(
                    f"{reason['text']}{facts(reason['facts'])}{cited(reason['sources'], recalled=reason['recalled'])}",
                    "+",
                    2,
                )
    counts = [(sum(f["urgency"] == tier for f in flags if f["status"] == "not_excluded"), tier) for tier in _TIERS]
    open_words = ", ".join(f"{count} {tier}" for count, tier in counts if count)
    if open_words:
        lines += bullet(f"Not excluded: {open_words}. The questions below settle them.")
    return lines or ["  No red flag is present, and none is left open."]


def _screened(known: Mapping[str, Any]) -> list[str]:
    """What rests on a screening answer alone, and what was asked in vain."""
    lines: list[str] = []
    for answer, words in (("some", "Answered yes to at least one of"), ("none", "Ruled out by a screening answer")):
        names = [label(name) for name, told in known.items() if name.startswith("screening.") and told == answer]
        lines += bullet(f"{words}: {', '.join(names)}.") if names else []
    unknown = [label(name) for name in known.get("not_known", ())]
    return lines + (bullet(f"Asked, and not known: {', '.join(unknown)}.") if unknown else [])


def _questions(note: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The heading names the urgency that every question shown could raise; where they differ, each says its own."""
    most = _QUESTIONS_IN_EMERGENCY if note["urgency"]["at_least"] == "emergency" else _QUESTIONS_SHOWN
    shown = note["questions"][:most]
    tiers = {question["could_raise_urgency_to"] for question in shown}
    shared = tiers.pop() if len(tiers) == 1 else None
    lines: list[str] = []
    for number, question in enumerate(shown, start=1):
        unit = f" ({question['unit']})" if question["unit"] else ""
        tier = question["could_raise_urgency_to"]
        mark = f" [could mean {tier}]" if tier and not shared else ""
        lines += bullet(f"{question['question']}{unit}{mark}", f"{number}.")
    rest = [label(question["fact"]) for question in note["questions"][most:]]
    lines += bullet(f"Later: {listed(rest, 3)}.") if rest else []
    return f"ASK NEXT (yes to any could mean {shared})" if shared else "ASK NEXT", lines


def _imaging(items: list[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(f"{item['text']}{cited(item['sources'])}" for item in items))


def _score(item: Mapping[str, Any]) -> str:
    low, high = item["at_least"], item["at_most"]
    span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    level = f" at {item['level']}" if item["level"] else ""
    band = f", {item['band']}" if item["band"] else ""
    missing = f"; not known: {', '.join(item['missing'])}" if item["missing"] else ""
    return f"{item['title']}{level}: {span}{band}{missing}{cited(item['sources'])}"


def _doubts(note: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for item in note["contradictions"]:
        readings = "; ".join(
            f"{label(reading.get('fact') or item['fact'] or '')} {value(reading['value'])}"
            for reading in item["readings"]
        )
        lines += bullet(f"{item['text']} [{readings}]")
    for item in note["warnings"]:
        lines += bullet(item["text"])
    return lines


def _sources(note: Mapping[str, Any]) -> list[str]:
    """The sources of what the page shows; the full note lists all, with citations."""
    shown = {name for flag in note["red_flags"] if flag["status"] == "present" for name in flag["sources"]}
    for category in note["categories"]:
        if category["status"] != "suppressed":
            shown |= {
                name
                for key in ("for", "against", "uncertainty")
                for reason in category[key]
                for name in reason["sources"]
            }
            shown |= {
                name
                for technique in category["techniques"][:1]
                for claim in technique["known"]
                for name in claim["sources"]
            }
    for key in ("imaging", "considerations", "scores"):
        shown |= {name for item in note[key] for name in item["sources"]}
    names = [f"{s['id']} {s['year'] or 'undated'}{_CHECKED[s['checked']]}" for s in note["sources"] if s["id"] in shown]
    return bullet("; ".join(names) + ".") if names else []
