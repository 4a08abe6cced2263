"""Words that design law 8 keeps out of a note and that loading lets pass.

Loading refuses the plainest of them. What is wider stands here and not there: a stored rulebook has to stay loadable,
or the notes made with it could no longer be made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.governance.hygiene.finding import Finding
from app.governance.hygiene.places import Places, place_in_vocabulary, place_of
from app.triage.facts import registry
from app.triage.loading.tree import Node
from app.triage.loading.words import FORBIDDEN

_ORDERS = re.compile(
    r"\b(?:must|should|ought to|ha(?:s|ve) to|recommend(?:s|ed)?|mandatory"
    r"|requires?|(?<!not )required|indications? for)\b",
    re.IGNORECASE,
)
_READ = {
    "title", "says", "means", "not_modelled", "because", "action", "text", "imaging", "component", "band", "summary",
    "disclaimer", "safety_net", "emergency", "urgent", "soon", "routine",
}  # fmt: skip
"""Keys whose texts a reader of a note or of the rulebook sees."""
_REMEDY = "'could be discussed', 'speaks for', 'speaks against', 'not known'"


def stern_word(text: str) -> str | None:
    """The first word of a text that orders or diagnoses; None where there is none."""
    found = FORBIDDEN.search(text) or _ORDERS.search(text)
    return found[0] if found else None


def wording_findings(places: Places) -> Iterator[Finding]:
    """Every text of the rulebook, and every question and label of the vocabulary, that says more than a note may."""
    for tree in places.trees.values():
        for node in _read_texts(tree):
            word = stern_word(node.value)
            if word is not None:
                yield Finding(place_of(node), "stern-word", "error", f"'{word}' says more than a note may", _REMEDY)
    for facts in registry().values():
        for fact in facts.values():
            for text in (fact.label, fact.question):
                word = stern_word(text)
                if word is not None:
                    problem = f"'{word}' in the question or label of {fact.name} says more than a note may"
                    yield Finding(place_in_vocabulary(fact), "stern-word", "error", problem, _REMEDY)


def _read_texts(node: Node, key: str = "") -> Iterator[Node]:
    if isinstance(node.value, dict):
        for inner_key, inner in node.value.items():
            yield from _read_texts(inner, inner_key)
    elif isinstance(node.value, list):
        for inner in node.value:
            yield from _read_texts(inner, key)
    elif isinstance(node.value, str) and key in _READ:
        yield node
