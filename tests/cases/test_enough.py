"""What is just enough for a rule. A condition that is dropped, added or widened makes some line here untrue."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from app.triage import Triage
from app.triage.facts import TABLE_PATHS, Fact, registry
from tests.cases.reading import Enough, Words, enough, placed
from tests.cases.taking_away import without_each_answer
from tests.cases.truth import judge, read

TODAY = date(2026, 11, 23)
ALL = list(enough())
BODIES = [
    pytest.param(told.enough, body, id=f"{told.enough} {n}") for told in ALL for n, body in enumerate(told.bodies)
]
WORDS = [
    pytest.param(told.enough, words, id=f"{told.enough} {words.at} {n}")
    for told in ALL
    for n, words in enumerate(told.words)
]


@pytest.mark.parametrize(("rule", "body"), BODIES)
def test_the_rule_is_true_and_with_any_answer_less_it_is_not(rule: str, body: dict[str, Any], triage: Triage) -> None:
    assert judge(triage, body)[rule] == "holds"
    needless = [answer for answer, rest in without_each_answer(body) if judge(triage, rest)[rule] == "holds"]
    assert needless == []


@pytest.mark.parametrize(("rule", "words"), WORDS)
def test_the_rule_is_true_with_these_words_and_with_no_other(rule: str, words: Words, triage: Triage) -> None:
    fact = _fact_at(words.at)
    assert [word for word in fact.values if _holds(rule, words, fact, word, triage)] == list(words.holds)


@pytest.mark.parametrize("told", [pytest.param(told, id=told.enough) for told in ALL if told.speaks_for is not None])
def test_the_note_shows_the_urgency_and_the_categories_that_the_rule_speaks_for(told: Enough, triage: Triage) -> None:
    note = triage.note(read(told.bodies[0]), TODAY, every_category=True)
    present = {flag["rule"]: flag["urgency"] for flag in note["red_flags"] if flag["status"] == "present"}
    assert present.get(told.enough) == told.urgency
    quoted = [
        entry["category"]
        for entry in note["categories"]
        if any(reason["rule"] == told.enough and reason["certain"] for reason in entry["for"])
    ]
    assert sorted(quoted) == sorted(told.speaks_for or ())


def test_each_rule_is_told_of_once() -> None:
    rules = [told.enough for told in ALL]
    assert len(rules) == len(set(rules))


def _holds(rule: str, words: Words, fact: Fact, word: str, triage: Triage) -> bool:
    value: Any = word == "yes" if fact.kind == "yes_no" else [word] if fact.kind == "some_of" else word
    try:
        return judge(triage, placed(words.body, words.at, value))[rule] == "holds"
    except ValidationError:
        return False  # a level that cannot have what the body says of it


def _fact_at(pointer: str) -> Fact:
    """The fact that stands at a JSON pointer."""
    name = re.sub(r"\.\d+(?=\.)", "", pointer.removeprefix("/").replace("/", "."))
    for table, path in TABLE_PATHS.items():
        if name.startswith(f"{path}."):
            return registry()[table][name.removeprefix(f"{path}.")]
    return registry()[None][name]
