"""The generated program says exactly what the slow reference says, on random rulebooks and on the shipped one."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from app.triage import Consultation, Rulebook
from app.triage.conditions import Condition, Same, atoms
from app.triage.judge import Judge, Judgement
from app.triage.known import Known, learn
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.reference import World, claims, still_open, truth, truth_from, world_of
from tests.laws.rulebooks import RulebookMaker

PAIRS = 100_000
CONSULTATIONS = 400
RULES = 4
SEED = 20261123

Case = tuple[Known, World]


@pytest.fixture(scope="module")
def cases(rulebook: Rulebook) -> list[Case]:
    maker = BodyMaker(Random(SEED), limits_of(rulebook))
    found = [learn(Consultation.model_validate(maker.body())) for _ in range(CONSULTATIONS)]
    return [(known, world_of(known)) for known in found]


def test_program_and_reference_agree_on_a_hundred_thousand_pairs_of_rulebook_and_consultation(
    rulebook: Rulebook, cases: list[Case]
) -> None:
    maker = RulebookMaker(Random(SEED), limits_of(rulebook))
    pairs = 0
    seen = {True: 0, False: 0, None: 0}
    while pairs < PAIRS:
        book = maker.rulebook(RULES)
        judge = Judge(book)
        for known, world in cases:
            for answer in _compare(judge, known, world):
                seen[answer] += 1
            pairs += 1
    print(f"{pairs} pairs: true {seen[True]}, false {seen[False]}, undecided {seen[None]}")  # noqa: T201  # `pytest -s` shows how much was compared
    assert pairs >= PAIRS
    assert min(seen.values()) > pairs / 10, "one of the three answers hardly occurred, so it was hardly tested"


def test_program_and_reference_agree_on_the_shipped_rulebook(
    rulebook: Rulebook, triage_free_of_scores: Judge, cases: list[Case]
) -> None:
    for known, world in cases:
        answers = _compare(triage_free_of_scores, known, world)
        assert len(answers) == len(triage_free_of_scores.rulebook.rules)


@pytest.fixture(scope="module")
def triage_free_of_scores(rulebook: Rulebook) -> Judge:
    """The shipped rules that read no summed score: sums are appended to frames, and these serve many rulebooks."""
    summed = {name for name, score in rulebook.scores.items() if score.components}
    rules = tuple(rule for rule in rulebook.rules if not any(atom.fact.name in summed for atom in atoms(rule.when)))
    return Judge(replace(rulebook, rules=rules, scores={}))


def _compare(judge: Judge, known: Known, world: World) -> list[bool | None]:
    """Assert that everything the program says of a consultation is what the reference says; return the answers."""
    rules = judge.rulebook.rules
    judged = judge.judge(known)
    expected = [truth(rule.when, world) for rule in rules]
    undecided = [index for index, _ in judged.undecided]
    assert judged.true == [index for index, answer in enumerate(expected) if answer is True]
    assert undecided == [index for index, answer in enumerate(expected) if answer is None]
    assert judge.values(known) == (judged.true, undecided)
    for index, bits in judged.undecided:
        assert _decoded(judge, known, bits) == still_open(rules[index].when, world), rules[index].when
    for index in judged.true:
        _check_reasons(judge, judged, index, rules[index].when, world)
    return expected


def _decoded(judge: Judge, known: Known, bits: int) -> frozenset[tuple[str | None, str]]:
    program = judge.program
    found: set[tuple[str | None, str]] = {
        (None, fact.name) for bit, fact in enumerate(program.facts) if bits >> bit & 1
    }
    for number, same in enumerate(program.sames):
        if bits >> (len(program.facts) + number) & 1:
            table, place = program.places[number]
            opened = judge.opened_rows(known, table)[place]
            facts = program.tables[same.table].facts
            found |= {(fact.table, fact.name) for bit, fact in enumerate(facts) if opened >> bit & 1}
    return frozenset(found)


def _check_reasons(judge: Judge, judged: Judgement, index: int, condition: Condition, world: World) -> None:
    """Reasons claim only what is so, and believing them alone already makes the rule true."""
    named = frozenset(judge.program.atoms[number] for number in judge.because(index, judged))
    allowed = set(claims(condition))
    for item in named:
        answer = truth(item, world)
        speaks_for = (item, True) in allowed and (answer is True or (isinstance(item, Same) and answer is None))
        speaks_against = (item, False) in allowed and answer is False
        assert speaks_for or speaks_against, (item, answer)
    assert truth_from(condition, world, named) is True, (condition, named)
