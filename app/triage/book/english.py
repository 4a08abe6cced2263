"""Conditions as sentences that a surgeon can read: nested lines in the words and units of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.triage.book.markdown import code, link, plain
from app.triage.facts import Fact, registry
from app.triage.loading.atoms import Atom, split_atom
from app.triage.loading.tree import Node
from app.triage.rulebook import Parameter, Rulebook

_COMPARED = {
    ">=": "{} or more",
    ">": "more than {}",
    "<=": "{} or less",
    "<": "less than {}",
}
_ROW = {
    "level": "at one and the same level",
    "deficit": "in one and the same weak movement",
    "surgery": "in one and the same earlier operation",
    "course": "in one and the same course of treatment",
}
_SCALES = {"0-10": " of 10", "MRC 0-5": " of 5 (MRC)", "grade 0-5": "", "grade 0-4": "", "grade 0-3": "", "ratio": ""}
_LABELS = {"complaint.regions": "where the trouble is"}
"""What is called otherwise here than in a note, where the place goes without saying."""
_VALUES = {"needs_aid": "with an aid"}
"""Said of how somebody walks; the word itself would read as an order."""
_PATHED = 3
"""Parts of a name such as `complaint.pregnancy.bleeding`, whose last word alone would not say of what."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of Markdown, and the lines that it introduces."""

    text: str
    parts: tuple[Said, ...] = ()

    def lines(self, depth: int = 0) -> list[str]:
        """As a nested list."""
        found = [f"{'  ' * depth}- {self.text}{':' if self.parts else ''}"]
        for part in self.parts:
            found += part.lines(depth + 1)
        return found

    def phrase(self) -> str:
        """In one line, for a cell of a table."""
        if not self.parts:
            return self.text
        return f"{self.text} ({'; '.join(part.phrase() for part in self.parts)})"


class Sayer:
    """Says the conditions of one rulebook, which was loaded: every name in them is known."""

    def __init__(self, book: Rulebook, definitions: Mapping[str, str]) -> None:
        """`definitions` are the names of shared conditions, with what they mean."""
        self._parameters, self._definitions = book.parameters, definitions
        self._scores = {score.id: score.title for score in book.scores.values() if score.components}

    def say(self, node: Node, table: str | None = None) -> Said:
        """A condition, inside a table's row or not."""
        if isinstance(node.value, str):
            return Said(self._atom(node.value, table))
        ((key, inner),) = node.value.items()
        if key == "not":
            part = self.say(inner, table)
            return Said(f"not: {part.text}", part.parts)
        if key.startswith("same "):
            row = key.removeprefix("same ")
            part = self.say(inner, row)
            if part.text == "all of these":
                return Said(f"{_ROW[row]}, all of these", part.parts)
            return Said(_ROW[row], (part,))
        parts = tuple(self.say(item, table) for item in inner.value)
        if len(parts) == 1:
            return parts[0]
        return Said({"all": "all of these", "any": "any of these"}.get(key, f"{key} these"), parts)

    def _atom(self, text: str, table: str | None) -> str:
        atom = split_atom(text)
        if atom is None:
            raise AssertionError(f"a loaded rulebook says {text!r}")
        if table is None and atom.bare and atom.name in self._definitions:
            return f"{link(name_in_words(atom.name), f'Definition {atom.name}')}: {plain(self._definitions[atom.name])}"
        fact = registry()[table].get(atom.name) or registry()[None].get(atom.name)
        label = self._scores.get(atom.name, atom.name) if fact is None else label_of(fact)
        if atom.comparison is not None and atom.limit is not None:
            return f"{plain(label)}: {self._bound(atom, fact)}"
        return f"{plain(label)}: {_membership(atom)}"

    def _bound(self, atom: Atom, fact: Fact | None) -> str:
        limit, operator = atom.limit or "", atom.comparison or ">="
        if limit.startswith("$"):
            parameter = self._parameters[limit[1:]]
            shown = f"{amount(parameter)} ({link(code(parameter.id), f'Number {parameter.id}')})"
        else:
            unit = atom.unit or (fact.unit if fact is not None else "points") or ""
            shown = f"{limit}{with_unit(unit)}"
            if fact is not None and (operator, float(limit)) in {("<=", fact.low), (">=", fact.high)}:
                return shown  # there is nothing beyond it
        return _COMPARED[operator].format(shown)


def label_of(fact: Fact) -> str:
    """What a fact is called, with what it is about where its own name would leave that open."""
    label = _LABELS.get(fact.name, fact.label)
    path = fact.name.split(".")
    if len(path) == _PATHED:
        return f"{label} ({path[1].replace('_', ' ')})"
    return label


def amount(parameter: Parameter) -> str:
    """The value of a disputed number with its unit."""
    return f"{parameter.value:g}{with_unit(parameter.unit)}"


def with_unit(unit: str) -> str:
    """What follows a number: ` mm`, ` of 10`, or nothing for a grade."""
    return _SCALES.get(unit, f" {unit}" if unit else "")


def name_in_words(name: str) -> str:
    """`bladder_change` as `bladder change`."""
    return _VALUES.get(name, name.replace("_", " "))


def _membership(atom: Atom) -> str:
    values = [name_in_words(value) for value in re.split(r"[\[\], ]+", atom.values or "yes") if value]
    joined = " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
    if atom.word in {"is not", "not in"}:
        return f"anything but {plain(joined)}"
    return plain(joined) if atom.word != "has any of" or len(values) == 1 else f"any of {plain(', '.join(values))}"
