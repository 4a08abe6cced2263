"""Values, names and lines as a reader expects them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from app.triage.facts import TABLE_PATHS, registry, row_list
from app.triage.note.plan import CONTEXT
from app.triage.note.reasons import STILL_POSSIBLE

WIDTH = 96
_POSSIBLE_SHOWN = 3
_SCALES: dict[str | None, str] = {"0-10": "/10", "MRC 0-5": "/5"}
_UNSPOKEN = {None, "points", "grade 0-5", "grade 0-3", "grade 0-4"}


@cache
def label(name: str) -> str:
    """How a fact, a screening group or an imaging finding is called."""
    plain = name.removeprefix("imaging.levels.")
    for table in (None, "level"):
        fact = registry()[table].get(plain)
        if fact is not None:
            return fact.label
    rows = {path: row_list(table)[2] for table, path in TABLE_PATHS.items() if table != "level"}
    return rows.get(name, plain.replace("_", " ").replace(".", " "))


def value(shown: Any) -> str:
    """A stated or derived value."""
    if isinstance(shown, bool):
        return "yes" if shown else "no"
    if isinstance(shown, dict):
        only = shown.get("value", shown.get("total"))
        low, high = shown.get("at_least", only), shown.get("at_most", only)
        unit = f" {shown['unit'].replace('mmol_per_mol', 'mmol/mol')}" if "unit" in shown else ""
        if low is None or high is None:
            return f"at most {high:g}{unit}" if low is None else f"at least {low:g}{unit}"
        return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
    if isinstance(shown, list):
        return ", ".join(value(item) for item in shown)
    return f"{shown:g}" if isinstance(shown, float) else str(shown).replace("_", " ")


def facts(shown: Iterable[Mapping[str, Any]]) -> str:
    """The facts of a reason, in brackets; where and in whom is left out, since the page is about one patient."""
    parts = []
    for fact in shown:
        if fact["fact"] in CONTEXT:
            continue
        unit = fact.get("unit")
        silent = unit in _UNSPOKEN or isinstance(fact["value"], dict)
        suffix = _SCALES.get(unit, "" if silent else f" {unit}")
        level = f" at {fact['level']}" if fact.get("level") else ""
        worked_out = " (worked out)" if fact.get("from") == "worked out" else ""
        shown_value = one_of(fact["value"]) if fact.get("from") == STILL_POSSIBLE else value(fact["value"])
        parts.append(f"{fact['label']} {shown_value}{suffix}{level}{worked_out}")
    return f" [{'; '.join(parts)}]" if parts else ""


def one_of(possible: list[Any]) -> str:
    """Values of which one is so, and nobody knows which; of many, the first few."""
    rest = len(possible) - _POSSIBLE_SHOWN
    words = [value(item) for item in possible[:_POSSIBLE_SHOWN]] + ([f"{rest} more"] if rest > 0 else [])
    return f"{', '.join(words[:-1])} or {words[-1]} (not known which)"


def cited(sources: Iterable[str], *, recalled: bool = False) -> str:
    """Source ids in brackets, and whether the statement itself is from memory only."""
    names = ", ".join([*sources, *(["from memory"] if recalled else [])])
    return f" ({names})" if names else ""


def listed(items: list[str], most: int) -> str:
    """Some items, and how many more."""
    rest = len(items) - most
    return "; ".join(items[:most]) + (f"; and {rest} more" if rest > 0 else "")


def bullet(text: str, mark: str = "-", depth: int = 1) -> list[str]:
    """A marked paragraph."""
    lead = "  " * depth + mark + " "
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))


def wrapped(text: str) -> list[str]:
    """A paragraph."""
    return textwrap.wrap(text, WIDTH)
