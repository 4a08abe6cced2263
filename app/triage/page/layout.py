"""The sections of the page, in the order in which they matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.triage.page import flags, remarks
from app.triage.page.sheet import Entry, Form, Paragraph, Rank, Section, fill, whole
from app.triage.page.topics import topics

_CHECKED = {"verified": "", "second_hand": " second-hand", "recalled": " from memory", "own_choice": " our own choice"}
_WHERE = "Keys in brackets: GET /v1/rulebook/sources. Every question and reason: the full note (JSON)."


def plain_text(note: Mapping[str, Any]) -> str:
    """The note as one printed page: at most LINES lines of at most COLUMNS characters.

    Marks: + speaks for, - speaks against, ~ uncertain, ? not known. What has no room is counted, and stands in the
    full note.
    """
    sections = [
        Section("", (whole(Rank.ALWAYS, _line(note["headline"])),)),
        flags.urgency(note),
        remarks.changes(note["changes"]),
        *flags.present(note),
        flags.questions(note),
        topics(note["categories"]),
        remarks.imaging(note["imaging"], flags.milder(note)),
        remarks.considerations(note["considerations"]),
        remarks.scores(note["scores"]),
        remarks.doubts(note),
        remarks.limits(note["limits"]),
        Section("WATCH FOR", tuple(whole(Rank.ALWAYS, Paragraph(item)) for item in note["safety_net"])),
        Section("", (_sources(note), whole(Rank.ALWAYS, _line(f"{note['disclaimer']} {_made_by(note)}")))),
    ]
    return "\n".join(fill(sections)) + "\n"


def _line(text: str) -> Paragraph:
    return Paragraph(text, "", 0)


def _made_by(note: Mapping[str, Any]) -> str:
    rulebook = note["rulebook"]
    return f"Rulebook {rulebook['version']} ({rulebook['digest'][:12]}), {note['made_on']}."


def _sources(note: Mapping[str, Any]) -> Entry:
    """Where sources are described and, where there is room, the year of each that the note's statements rest on."""
    shown = {name for flag in note["red_flags"] if flag["status"] == "present" for name in flag["sources"]}
    for category in note["categories"]:
        if category["status"] != "suppressed":
            reasons = (reason for key in ("for", "against", "uncertainty") for reason in category[key])
            claims = (claim for technique in category["techniques"][:1] for claim in technique["known"])
            shown |= {name for said in (*reasons, *claims) for name in said["sources"]}
    for key in ("imaging", "considerations", "scores"):
        shown |= {name for item in note[key] for name in item["sources"]}
    names = [f"{s['id']} {s['year'] or 'undated'}{_CHECKED[s['checked']]}" for s in note["sources"] if s["id"] in shown]
    if not names:
        return Entry((Form(Rank.ALWAYS, (_line(_WHERE),)),))
    years = _line(f"SOURCES (year; read unless said otherwise): {'; '.join(names)}.")
    return Entry((Form(Rank.ALWAYS, (_line(_WHERE),)), Form(Rank.SOURCES, (years, _line(_WHERE)))))
