"""A note as one page of plain text, most urgent first, for reading aloud or printing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH = 96
_SHOWN = {"discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed"}
_STATUS = {
    "discussable": "could be discussed",
    "discussable_with_uncertainty": "could be discussed, with uncertainty",
    "needs_information": "not enough is known yet",
    "deferred": "for later",
    "suppressed": "set aside for now",
}
_SUPPORT = {
    "well_supported": "well supported",
    "non_randomised": "non-randomised studies only",
    "mixed": "studies disagree",
    "not_supported": "not borne out",
    "uncertain": "uncertain",
}


def plain_text(note: Mapping[str, Any]) -> str:
    """The note as text, lines of at most 96 characters."""
    parts = [
        _wrapped(note["headline"].upper() if note["urgency"]["at_least"] == "emergency" else note["headline"]),
        [_urgency(note["urgency"])],
        _section("CHANGED SINCE THE LAST REVISION", _changes(note["changes"])),
        _section("RED FLAGS", _flags(note["red_flags"])),
        _section("ASK NEXT", _questions(note["questions"])),
        _section("WHAT COULD BE DISCUSSED", _categories(note["categories"])),
        _section("IMAGING", [line for item in note["imaging"] for line in _bullet(item["text"] + _cited(item["sources"]))]),
        _section("BEFORE ANY OPERATION", [line for item in note["considerations"] for line in _bullet(item["text"] + _cited(item["sources"]))]),
        _section("SCORES", [line for item in note["scores"] for line in _bullet(_score(item))]),
        _section("DISAGREEMENTS AND UNUSUAL VALUES", _doubts(note)),
        _section("WATCH FOR", [line for item in note["safety_net"] for line in _bullet(item)]),
        _section("SOURCES", _sources(note)),
        _wrapped(f"{note['disclaimer']} Rulebook {note['rulebook']['version']} ({note['rulebook']['digest'][:12]}), {note['made_on']}."),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _urgency(urgency: Mapping[str, Any]) -> str:
    if urgency["settled"]:
        return f"Urgency: {urgency['at_least']} (settled). {urgency['act_within']['text']}."
    return f"Urgency: at least {urgency['at_least']}, {urgency['at_most']} not excluded."


def _changes(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    facts: dict[str, list[str]] = {}
    for change in changes:
        if change["kind"].startswith("fact_"):
            facts.setdefault(change["kind"].removeprefix("fact_"), []).append(_name(change["what"]))
        else:
            lines += _bullet(change["text"])
    for kind, names in facts.items():
        lines += _bullet(f"Facts {kind}: {', '.join(names)}.")
    return lines


def _flags(flags: list[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for flag in flags:
        if flag["status"] == "present":
            lines += _bullet(f"PRESENT ({flag['urgency']}): {flag['title']}. {flag['action']}")
            for reason in flag["because"]:
                lines += _wrapped(f"{reason['text']} [{_facts(reason['facts'])}]{_cited(reason['sources'])}", indent="    ")
    for tier in ("emergency", "urgent", "soon"):
        titles = list(dict.fromkeys(flag["title"] for flag in flags if flag["status"] == "not_excluded" and flag["urgency"] == tier))
        if titles:
            lines += _bullet(f"Not excluded ({tier}): {_listed(titles, 6)}.")
    return lines or ["  None present, none left open."]


def _questions(questions: list[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for number, question in enumerate(questions[:8], start=1):
        unit = f" ({question['unit']})" if question["unit"] else ""
        lead = f" [could mean {question['could_raise_urgency_to']}]" if question["could_raise_urgency_to"] else ""
        lines += _wrapped(f"{number}. {question['question']}{unit}{lead}", indent="  ", more="     ")
    if len(questions) > 8:
        lines.append(f"  … and {len(questions) - 8} more of less weight.")
    return lines


def _categories(categories: list[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for category in categories:
        if category["status"] not in _SHOWN or category["category"] == "emergency_assessment":
            continue
        if category["status"] == "suppressed":
            continue
        at = f" at {', '.join(category['levels'])}" if category["levels"] else ""
        lines += _bullet(f"{category['title']}{at}: {_STATUS[category['status']]}.")
        for key, word in (("for", "speaks for"), ("against", "speaks against"), ("uncertainty", "uncertain")):
            for reason in category[key]:
                facts = f" [{_facts(reason['facts'])}]" if reason["facts"] else ""
                maybe = "could speak for" if key == "for" and reason["certain"] is False else word
                lines += _wrapped(f"{maybe}: {reason['text']}{facts}{_cited(reason['sources'])}", indent="    ", more="      ")
        if category["status"] == "needs_information" and category["ask"]:
            lines += _wrapped(f"not known: {_listed([_name(name) for name in category['ask']], 5)}", indent="    ", more="      ")
        for technique in category["techniques"]:
            claims = "; ".join(f"{claim['text']} ({_SUPPORT[claim['support']]})" for claim in technique["known"])
            lines += _wrapped(f"{technique['title']}: {claims or technique['summary']}", indent="    ", more="      ")
    aside = [category["title"] for category in categories if category["status"] == "suppressed"]
    if aside:
        lines += _bullet(f"Set aside until the red flag is dealt with: {'; '.join(aside)}.")
    return lines


def _score(item: Mapping[str, Any]) -> str:
    span = f"{item['at_least']:g}" if item["at_least"] == item["at_most"] else f"{item['at_least']:g} to {item['at_most']:g}"
    band = f", {item['band']}" if item["band"] else ""
    missing = f"; not known: {', '.join(item['missing'])}" if item["missing"] else ""
    return f"{item['title']}{' at ' + item['level'] if item['level'] else ''}: {span}{band}{missing}.{_cited(item['sources'])}"


def _doubts(note: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for item in note["contradictions"]:
        readings = "; ".join(f"{_name(r.get('fact') or item['fact'] or '')} {_value(r['value'])}" for r in item["readings"])
        lines += _bullet(f"{item['text']} [{readings}]")
    for item in note["warnings"]:
        lines += _bullet(item["text"])
    return lines


def _sources(note: Mapping[str, Any]) -> list[str]:
    """Only the sources of what the page shows; the note as JSON lists all."""
    shown = {name for flag in note["red_flags"] if flag["status"] == "present" for name in flag["sources"]}
    for category in note["categories"]:
        if category["status"] != "suppressed":
            shown |= {name for key in ("for", "against", "uncertainty") for reason in category[key] for name in reason["sources"]}
    for key in ("imaging", "considerations", "scores"):
        shown |= {name for item in note[key] for name in item["sources"]}
    words = {"verified": "read", "second_hand": "second-hand", "recalled": "from memory"}
    cited = [f"{s['id']} ({s['year'] or 'no year'}, {s['strength']}, {words[s['checked']]})" for s in note["sources"] if s["id"] in shown]
    return _wrapped("; ".join(cited) + ".", indent="  ") if cited else []


def _facts(facts: list[Mapping[str, Any]]) -> str:
    shown = []
    for fact in facts:
        level = f"{fact['level']} " if fact.get("level") else ""
        unit = "" if fact.get("unit") in {None, "points"} or isinstance(fact["value"], dict) else f" {fact['unit']}"
        shown.append(f"{level}{fact['label']}: {_value(fact['value'])}{unit}")
    return "; ".join(shown)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        low, high = value.get("at_least", value.get("value")), value.get("at_most", value.get("value"))
        span = f"{low:g}" if low == high else f"{low:g} to {high:g}" if low is not None and high is not None else f"at least {low:g}" if high is None else f"at most {high:g}"
        return f"{span} {value.get('unit', '')}".strip()
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _name(fact: str) -> str:
    return fact.removeprefix("imaging.levels.").removeprefix("screening.").rsplit("complaint.", maxsplit=1)[-1].replace("_", " ").replace(".", " ")


def _listed(items: list[str], most: int) -> str:
    rest = len(items) - most
    return "; ".join(items[:most]) + (f"; and {rest} more" if rest > 0 else "")


def _cited(sources: list[str]) -> str:
    return f" ({', '.join(sources)})" if sources else ""


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _bullet(text: str) -> list[str]:
    return _wrapped(f"- {text}", indent="  ", more="    ")


def _wrapped(text: str, indent: str = "", more: str | None = None) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent if more is None else more)
