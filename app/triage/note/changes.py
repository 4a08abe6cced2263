"""What changed since the previous revision. Urgency never falls silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.triage.rulebook import URGENCIES


def changes(previous: Mapping[str, Any] | None, note: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Differences between two notes, lowered urgency first; empty for a first revision."""
    if previous is None:
        return []
    found = _urgency(previous["urgency"], note["urgency"])
    found += _facts(previous["known_facts"], note["known_facts"])
    before, after = ({c["category"]: c["status"] for c in n["categories"]} for n in (previous, note))
    titles = {c["category"]: c["title"] for n in (previous, note) for c in n["categories"]}
    for category in dict.fromkeys((*after, *before)):
        old, new = before.get(category, "not_listed"), after.get(category, "not_listed")
        if old != new:
            found.append(
                {
                    "kind": "category",
                    "what": category,
                    "from": old,
                    "to": new,
                    "text": f"{titles[category]}: {_words(old)}, now {_words(new)}.",
                }
            )
    gone, come = ({f["rule"]: f["title"] for f in n["red_flags"] if f["status"] == "present"} for n in (previous, note))
    for rule in dict.fromkeys((*come, *gone)):
        if (rule in gone) != (rule in come):
            old, new = ("absent", "present") if rule in come else ("present", "no longer present")
            found.append(
                {
                    "kind": "red_flag",
                    "what": rule,
                    "from": old,
                    "to": new,
                    "text": f"{come.get(rule) or gone[rule]}: {new}.",
                }
            )
    if previous["rulebook"] != note["rulebook"]:
        found.append(
            {
                "kind": "rulebook",
                "what": "rulebook",
                "from": previous["rulebook"]["version"],
                "to": note["rulebook"]["version"],
                "text": "Another rulebook was used.",
            }
        )
    return found


def _urgency(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key, words in (("at_least", "Urgency is at least"), ("at_most", "The most that is not excluded is")):
        if old[key] == new[key]:
            continue
        fell = URGENCIES.index(new[key]) < URGENCIES.index(old[key])
        lead = "LOWERED. " if fell and key == "at_least" else ""
        found.append(
            {
                "kind": "urgency",
                "what": key,
                "from": old[key],
                "to": new[key],
                "lowered": fell,
                "text": f"{lead}{words} {new[key]}; before: {old[key]}.",
            }
        )
    if old["settled"] != new["settled"]:
        words = "Urgency is now settled." if new["settled"] else "Urgency is no longer settled."
        found.append(
            {"kind": "urgency", "what": "settled", "from": old["settled"], "to": new["settled"], "text": words}
        )
    return found


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) == new.get(name):
            continue
        kind = "added" if name not in old else "removed" if name not in new else "changed"
        found.append(
            {
                "kind": f"fact_{kind}",
                "what": name,
                "from": old.get(name),
                "to": new.get(name),
                "text": f"{name}: {kind}.",
            }
        )
    return found


_STATUS_WORDS = {
    "discussable": "could be discussed",
    "discussable_with_uncertainty": "could be discussed, with uncertainty",
    "needs_information": "not enough known",
    "deferred": "for later",
    "suppressed": "set aside",
    "not_supported": "ruled out",
    "not_listed": "not a topic",
}


def _words(status: str) -> str:
    return _STATUS_WORDS[status]
