"""Which facts the rules and scores of a rulebook read, and by whom."""

from __future__ import annotations

from collections.abc import Iterator

from app.triage.book.english import label_of, name_in_words
from app.triage.book.markdown import code, plain, table
from app.triage.conditions import Condition, atoms
from app.triage.facts import Fact, registry
from app.triage.rulebook import Rulebook, Score

ASKED = "What is asked"
_FEW = 12
"""Values of a fact that are listed; the rest are levels and the like."""


def facts_read(book: Rulebook) -> dict[str, tuple[Fact, tuple[str, ...]]]:
    """Each fact that a rule or score reads by its full name, with the ids of those that do.

    A fact that is worked out counts for what it is worked out from, too; a sum is read where its parts are.
    """
    readers: dict[str, tuple[Fact, list[str]]] = {}
    for reader, condition in _conditions(book):
        for atom in atoms(condition):
            _note(readers, atom.fact, reader)
    for score in book.scores.values():
        if score.of is not None:
            _note(readers, registry()[score.table][score.of], score.id)
    return {name: (fact, tuple(dict.fromkeys(ids))) for name, (fact, ids) in sorted(readers.items())}


def asked(book: Rulebook) -> Iterator[str]:
    """A table of those facts in the words that the form asks them with."""
    yield from ("", f"## {ASKED}", "")
    yield "Every fact that a rule or score reads. Any of them may stay unanswered, and is then not known, never no."
    facts = [(name, fact) for name, (fact, _) in facts_read(book).items()]
    rows = ((plain(label_of(fact)), plain(fact.question), _answers(fact), code(name)) for name, fact in facts)
    yield from ("", *table(("fact", "question", "answers", "name"), rows))


def _conditions(book: Rulebook) -> Iterator[tuple[str, Condition]]:
    for rule in book.rules:
        yield rule.id, rule.when
    for score in book.scores.values():
        yield from ((score.id, condition) for condition in _score_conditions(score))


def _score_conditions(score: Score) -> Iterator[Condition]:
    if score.only_when is not None:
        yield score.only_when
    for component in score.components:
        yield from (when for when, _ in component.options)


def _note(readers: dict[str, tuple[Fact, list[str]]], fact: Fact, reader: str) -> None:
    known = registry()[fact.table]
    if fact.name not in known:
        return
    readers.setdefault(fact.full_name, (fact, []))[1].append(reader)
    for name in fact.inputs:
        _note(readers, known[name], reader)


def _answers(fact: Fact) -> str:
    if fact.kind == "number":
        return plain(f"{fact.low:g} to {fact.high:g} {fact.unit or ''}".strip())
    shown = ", ".join(name_in_words(value) for value in fact.values[:_FEW])
    return plain(shown if len(fact.values) <= _FEW else f"{shown} and {len(fact.values) - _FEW} more")
