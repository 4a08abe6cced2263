"""Knowledge that reaches no reader: categories that nothing supports, actions and times that no note shows."""

from __future__ import annotations

from collections.abc import Iterator

from app.governance.hygiene.finding import Finding, Place
from app.governance.hygiene.places import Places, place_of
from app.triage.note.plan import TIER_HOURS
from app.triage.rulebook import URGENCIES, Rulebook


def category_findings(book: Rulebook, places: Places) -> Iterator[Finding]:
    """Categories that no rule supports, so that no note ever speaks of them."""
    supported = {category for rule in book.rules for category in rule.concludes.supports}
    for name, node in places.entries("categories", "category"):
        if name not in supported:
            problem = f"no rule supports category {name}, so no note ever shows it"
            yield Finding(place_of(node), "unsupported-category", "note", problem, "a rule that supports it, or none")


def flag_findings(book: Rulebook) -> Iterator[Finding]:
    """Actions and times that no note shows: without an urgency, or no stricter than the urgency itself.

    (A red flag without an action is refused at loading.)
    """
    for rule in book.rules:
        place, concludes = Place(rule.file, rule.line), rule.concludes
        if concludes.urgency is None:
            for key, value in (("action", concludes.action), ("within", concludes.within)):
                if value is not None:
                    problem = f"rule {rule.id} has '{key}' without an urgency, so no note shows it"
                    yield Finding(place, "never-shown", "error", problem, f"an 'urgency:' beside it, or no '{key}:'")
        elif concludes.within is not None:
            name = URGENCIES[concludes.urgency]
            if concludes.within.hours > TIER_HOURS.get(name, concludes.within.hours):
                problem = f"rule {rule.id} allows {concludes.within.hours:g} hours, more than {name} does"
                remedy = f"at most {TIER_HOURS[name]:g} hours"
                yield Finding(place, "never-shown", "error", problem, remedy)
