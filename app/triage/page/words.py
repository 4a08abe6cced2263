"""Values, names and sources as a reader expects them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from app.triage.facts import TABLE_PATHS, registry, row_list
from app.triage.note.plan import CONTEXT
from app.triage.note.reasons import STILL_POSSIBLE

_POSSIBLE_SHOWN = 3
_SCALES: dict[str | None, str] = {"0-10": "/10", "MRC 0-5": "/5"}
_WORDS = {
    "doac": "DOAC",
    "dish": "DISH",
    "fall_1m_or_5_stairs": "fall from 1 m or 5 stairs",
    "unspecified": "reported, not specified",
}
_UNSPOKEN = {None, "points", "grade 0-5", "grade 0-3", "grade 0-4"}


@cache
def label(name: str) -> str:
    """How a fact, a screening group or an imaging finding is called."""
    fact = registry()[None].get(name)
    if fact is not None:
        return fact.label
    paths = sorted(TABLE_PATHS.items(), key=lambda item: not name.startswith(f"{item[1]}."))
    plain = name.removeprefix(f"{paths[0][1]}.")
    for table, _ in paths:
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
    return f"{shown:g}" if isinstance(shown, float) else _WORDS.get(shown, str(shown).replace("_", " "))


def facts(shown: Iterable[Mapping[str, Any]], most: int = 4) -> str:
    """The facts of a reason, in brackets; where and in whom is left out, since the page is about one patient."""
    parts = [_fact(fact) for fact in shown if fact["fact"] not in CONTEXT]
    more = f"; and {len(parts) - most} more" if len(parts) > most else ""
    return f" [{'; '.join(parts[:most])}{more}]" if parts else ""


def _fact(fact: Mapping[str, Any]) -> str:
    unit = fact.get("unit")
    silent = unit in _UNSPOKEN or isinstance(fact["value"], dict)
    suffix = _SCALES.get(unit, "" if silent else f" {unit}")
    level = f" at {fact['level']}" if fact.get("level") else ""
    worked_out = " (worked out)" if fact.get("from") == "worked out" else ""
    if fact.get("from") == STILL_POSSIBLE:
        return f"{fact['label']}: {one_of(fact['value'])}{suffix}{level}"
    return f"{told(fact['label'], fact['value'])}{suffix}{level}{worked_out}"


def told(name: str, shown: Any) -> str:
    """A name with its value: figures behind it, words behind a colon, and a yes is the name itself."""
    if shown is True:
        return name
    in_words = isinstance(shown, bool | str | list)
    return f"{name}{':' * in_words} {value(shown)}"


def reason(shown: Mapping[str, Any]) -> str:
    """A reason with the facts that decided it and its sources."""
    return f"{shown['text']}{facts(shown['facts'])}{cited(shown['sources'], recalled=shown['recalled'])}"


def one_of(possible: list[Any]) -> str:
    """Values of which one is so, and nobody knows which; of many, the first few."""
    rest = len(possible) - _POSSIBLE_SHOWN
    words = [value(item) for item in possible[:_POSSIBLE_SHOWN]] + ([f"{rest} more"] if rest > 0 else [])
    return f"{', '.join(words[:-1])} or {words[-1]} (not known which)"


def cited(sources: Iterable[str], *, recalled: bool = False) -> str:
    """Source ids in brackets, and whether the statement itself is from memory only."""
    names = ", ".join([*sources, *(["from memory"] if recalled else [])])
    return f" ({names})" if names else ""
