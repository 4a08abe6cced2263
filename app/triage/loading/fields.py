"""Taking typed fields out of a mapping node; whatever is missing, of another type or not known becomes a fault."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

from app.errors import RulebookFault
from app.triage.loading.tree import Node
from app.triage.loading.words import check_words

MOST_NAMED = 16
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def closest(word: str, known: Iterable[str]) -> set[str]:
    """The known word that a word most resembles, if any does."""
    return set(get_close_matches(word, sorted(known), n=1, cutoff=0.6))


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy that names the closest known word, or the known words when they are few."""
    options = sorted(known)
    for close in closest(word, options):
        return f"did you mean '{close}'?"
    return (
        f"one of {', '.join(options)}" if len(options) <= MOST_NAMED else "see the vocabulary for the names there are"
    )


class Fields:
    """One mapping; `done()` reports the keys that nobody took."""

    def __init__(self, node: Node, what: str, faults: list[RulebookFault]) -> None:
        self.node, self.what, self.faults = node, what, faults
        self._seen: set[str] = set()
        if not isinstance(node.value, dict):
            faults.append(node.fault("wrong-type", f"{what} is not a mapping", "keys and values"))
        self._map: dict[str, Node] = node.value if isinstance(node.value, dict) else {}

    def take(self, key: str, *, required: bool = False) -> Node | None:
        """The node below a key."""
        self._seen.add(key)
        if key not in self._map and required and isinstance(self.node.value, dict):
            code = "missing-source" if key == "sources" else "missing-key"
            self.faults.append(self.node.fault(code, f"{self.what} has no '{key}'", f"add '{key}:'"))
        return self._map.get(key)

    def text(self, key: str, *, required: bool = True) -> str | None:
        """A non-empty string."""
        node = self.take(key, required=required)
        return None if node is None else self._typed(node, str, key, "text")

    def spoken(self, key: str, *, required: bool = True) -> str | None:
        """A non-empty string that a reader will see, in words that a note may say."""
        text = self.text(key, required=required)
        if text is not None:
            check_words(self._map[key], text, self.faults)
        return text

    def number(
        self, key: str, *, low: float = -math.inf, high: float = math.inf, required: bool = True
    ) -> float | None:
        """A finite number from `low` to `high`."""
        node = self.take(key, required=required)
        value = None if node is None else self._typed(node, (int, float), key, "a number")
        if node is None or value is None:
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.faults.append(
                node.fault("out-of-range", f"'{key}' of {self.what} is not a finite number", "a number of usual size")
            )
            return None
        if not low <= number <= high:
            span = f"{low:g} to {high:g}" if math.isfinite(high) else f"at least {low:g}"
            self.faults.append(node.fault("out-of-range", f"'{key}' of {self.what} is {number:g}", span))
            return None
        return number

    def day(self, key: str) -> str | None:
        """A day such as 2026-11-22, as text."""
        node, text = self.take(key), self.text(key)
        if node is None or text is None:
            return None
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
        self.faults.append(
            node.fault("wrong-type", f"'{key}' of {self.what} is not a date", "a date such as 2026-11-22")
        )
        return None

    def flag(self, key: str) -> bool:
        """true or false; false when absent."""
        node = self.take(key)
        return False if node is None else bool(self._typed(node, bool, key, "true or false"))

    def choice(self, key: str, options: Iterable[str], *, required: bool = True) -> str | None:
        """One of a list of words."""
        node = self.take(key, required=required)
        value = None if node is None else self._typed(node, str, key, "a word")
        options = tuple(options)
        if node is not None and value is not None and value not in options:
            self.faults.append(node.fault("unknown-value", f"'{value}' is not a {key}", nearest(value, options)))
            return None
        return value

    def items(self, key: str, *, required: bool = False) -> list[Node]:
        """A list; a single value stands for a list of one."""
        node = self.take(key, required=required)
        if node is None:
            return []
        if required and node.value in ([], None):
            code = "missing-source" if key == "sources" else "missing-key"
            self.faults.append(node.fault(code, f"{self.what} has an empty '{key}'", f"at least one of '{key}'"))
        return node.value if isinstance(node.value, list) else [node]

    def words(self, key: str, *, required: bool = False) -> list[Node]:
        """A list of strings, each once."""
        found: dict[str, Node] = {}
        for node in self.items(key, required=required):
            text = self._typed(node, str, key, "text")
            if text is not None and text in found:
                self.faults.append(
                    node.fault("duplicate-part", f"'{text}' stands twice in '{key}' of {self.what}", f"'{text}' once")
                )
            elif text is not None:
                found[text] = node
        return list(found.values())

    def done(self) -> None:
        """Report keys that are not known here."""
        for key, node in self._map.items():
            if key not in self._seen:
                self.faults.append(
                    node.fault("unknown-key", f"{self.what} has an unknown key '{key}'", nearest(key, self._seen))
                )

    def _typed(self, node: Node, kind: Any, key: str, name: str) -> Any:
        wrong = not isinstance(node.value, kind) or (isinstance(node.value, bool) and kind is not bool)
        if wrong or node.value == "":
            self.faults.append(
                node.fault("wrong-type", f"'{key}' of {self.what} is not {name}", f"{name} after '{key}:'")
            )
            return None
        return node.value.strip() if isinstance(node.value, str) else node.value
