"""Words that a note may not say: it informs a conversation, and neither orders nor diagnoses."""

from __future__ import annotations

import re

from app.errors import RulebookFault
from app.triage.loading.tree import Node

FORBIDDEN = re.compile(
    r"\b(?:need(?:s|ed)?(?: to)?|must have|(?:contra)?indicated"
    r"|should (?:have|undergo|be operated)|diagnos(?:is of|ed (?:of|as|with)))\b",
    re.IGNORECASE,
)


def check_words(node: Node, text: str, faults: list[RulebookFault]) -> None:
    """Refuse a text that orders or diagnoses."""
    found = FORBIDDEN.search(text)
    if found:
        faults.append(
            node.fault(
                "forbidden-word",
                f"'{found[0]}' says more than a note may",
                "'could be discussed', 'speaks for', 'speaks against', 'not known'",
            )
        )
