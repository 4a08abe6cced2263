"""Sources that nothing cites, that were retracted, or that nobody has looked at for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.governance.hygiene.finding import Finding
from app.governance.hygiene.places import Places, place_of
from app.triage.loading.tree import Node
from app.triage.rulebook import Rulebook

REVIEW_EVERY_DAYS = 365
"""After how long a source is to be looked at again: a newer edition, a retraction. A choice of ours."""


def source_findings(book: Rulebook, places: Places, today: date) -> Iterator[Finding]:
    """Every such source, and every statement that cites a retracted one.

    (A statement without a source is refused at loading.)
    """
    cited = set[str]()
    for name, statement in places.statements():
        for node in _items(statement.value["sources"]):
            cited.add(node.value)
            if book.sources[node.value].retracted:
                problem = f"{name} cites {node.value}, which was retracted"
                remedy = "a source that stands, or no such statement"
                yield Finding(place_of(node), "retracted-source", "error", problem, remedy)
    for name, entry in places.entries("sources", "source"):
        source = book.sources[name]
        if name not in cited:
            problem = f"no statement cites source {name}"
            yield Finding(place_of(entry), "unused-source", "note", problem, "a statement that rests on it, or none")
            continue
        age = (today - date.fromisoformat(source.reviewed_on)).days
        if age > REVIEW_EVERY_DAYS and not source.retracted:
            problem = f"source {name} was last looked at on {source.reviewed_on}, {age} days ago"
            remedy = f"look for a newer edition or a retraction every {REVIEW_EVERY_DAYS} days"
            yield Finding(place_of(entry.value["reviewed_on"]), "overdue-source", "note", problem, remedy)


def _items(node: Node) -> list[Node]:
    """A list; a single value stands for a list of one."""
    return node.value if isinstance(node.value, list) else [node]
