"""A second engine, which nobody here wrote, reads the exported conditions and says what the evaluator says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from app.triage import Consultation, Rulebook
from app.triage.conditions import Atom, Bound, Same, atoms
from app.triage.facts import Fact, blank
from app.triage.judge import Judge
from app.triage.known import Known, learn
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.cel_witness import Told, Truth, Witness, evaluated, tell
from tests.laws.effort import HUNT
from tests.laws.mutants import SLIPS, Slip, mutants
from tests.laws.random_facts import MOST_ROWS, FactMaker
from tests.laws.reference import Sets, holds
from tests.laws.rulebooks import RulebookMaker, rulebook_of

CONSULTATIONS = 100_000
BODIES = 250
MUTATED = 4_000
SUMS = 2_000
RULEBOOKS, RULES, OF_EACH = 40, 6, 100
RULES_IN_A_HAND = 35
"""Each consultation is put to the engine with a hand of the rules, dealt in turn, so that a growing rulebook takes no
longer; together the hands hold every rule."""
MOST_ROWS_IN_A_BODY = 16
MOST_LEFT_OUT, MOST_LEFT_OUT_OF_BODIES = 0.08, 0.18
LEAST_NOTICED = 0.85
LEFT_OUT = "left out"
Said = tuple[str, Truth, Truth]
SEED = Random().getrandbits(32) if HUNT else 20261123  # a hunt tries others, as many


@pytest.fixture(scope="module")
def judge(rulebook: Rulebook) -> Judge:
    return Judge(rulebook)


def _said(witness: Witness, judge: Judge, known: Known, told: Told, first: int = 0) -> Iterator[Said]:
    """Each rule with what the engine and the evaluator say, but for rules that read a fact that is known in part.

    The witness has the rules from `first` on.
    """
    expects = evaluated(judge, known)[first : first + len(witness.rules)]
    partly = told.partly | witness.sums_in_part(known)
    for rule, reads, *both in zip(witness.rules, witness.reads, witness.truths(told), expects, strict=True):
        if not partly or partly.isdisjoint(reads):
            yield rule.id, both[0], both[1]


def _compare(witness: Witness, judge: Judge, known: Known, told: Told, first: int = 0) -> Counter[Any]:
    """How often each answer was given by both, and how many rules were left out."""
    seen: Counter[Any] = Counter({LEFT_OUT: len(witness.rules)})
    for rule, says, expects in _said(witness, judge, known, told, first):
        assert says is expects, f"{rule}: {says}, not {expects}: {told.variables}"
        seen[expects] += 1
        seen[LEFT_OUT] -= 1
    return seen


def test_the_engine_agrees_on_a_hundred_thousand_random_consultations_with_unknowns(
    rulebook: Rulebook, judge: Judge
) -> None:
    hands = -(-len(rulebook.rules) // RULES_IN_A_HAND)
    seen: Counter[Any] = Counter()
    dealt: set[str] = set()
    consultations = 0
    for hand in range(hands):
        first, last = (len(rulebook.rules) * end // hands for end in (hand, hand + 1))
        witness = Witness(rulebook, rulebook.rules[first:last], MOST_ROWS)
        maker = FactMaker(Random(SEED + hand), witness.facts, limits_of(rulebook))
        dealt |= {rule.id for rule in witness.rules}
        for _ in range(CONSULTATIONS // hands + 1):
            known, told = maker.consultation()
            seen += _compare(witness, judge, known, told, first)
            consultations += 1
    print(f"{consultations} consultations in {hands} hands of rules: {dict(seen)}")  # noqa: T201  # `pytest -s` shows how much was compared
    compared = seen[True] + seen[False] + seen[None]
    assert consultations >= CONSULTATIONS
    assert dealt == {rule.id for rule in rulebook.rules}
    assert min(seen[True], seen[False], seen[None]) > compared / 10
    assert seen[LEFT_OUT] < (compared + seen[LEFT_OUT]) * MOST_LEFT_OUT


def test_the_engine_agrees_on_real_bodies_wherever_no_fact_is_known_only_in_part(
    rulebook: Rulebook, judge: Judge
) -> None:
    witness = Witness(rulebook, rulebook.rules, MOST_ROWS_IN_A_BODY)
    maker = BodyMaker(Random(SEED), limits_of(rulebook))
    seen: Counter[Any] = Counter()
    reasons: Counter[str] = Counter()
    for _ in range(BODIES):
        known = learn(Consultation.model_validate(maker.body()))
        told = tell(known, witness.facts, judge)
        seen += _compare(witness, judge, known, told)
        reasons.update(name for _, name in told.partly)
    print(f"{BODIES} bodies: {dict(seen)}; known in part: {reasons.most_common(8)}")  # noqa: T201  # as above
    compared = seen[True] + seen[False] + seen[None]
    assert min(seen[True], seen[False], seen[None]) > compared / 20
    assert seen[LEFT_OUT] < (compared + seen[LEFT_OUT]) * MOST_LEFT_OUT_OF_BODIES


def test_the_engine_agrees_on_random_rulebooks_that_nest_deeper_than_the_shipped_one(rulebook: Rulebook) -> None:
    rules = RulebookMaker(Random(SEED), limits_of(rulebook))
    seen: Counter[Any] = Counter()
    for number in range(RULEBOOKS):
        drawn = rules.rulebook(RULES)
        book = replace(
            drawn, rules=tuple(rule for rule in drawn.rules if not any(map(_says_nothing, atoms(rule.when))))
        )
        judge, witness = Judge(book), Witness(book, book.rules, MOST_ROWS)
        maker = FactMaker(Random(SEED + number), witness.facts, limits_of(book))
        for _ in range(OF_EACH):
            known, told = maker.consultation()
            seen += _compare(witness, judge, known, told)
    compared = seen[True] + seen[False] + seen[None]
    assert min(seen[True], seen[False], seen[None]) > compared / 20
    assert seen[LEFT_OUT] < (compared + seen[LEFT_OUT]) * MOST_LEFT_OUT


def _says_nothing(atom: Atom) -> bool:
    """Whether a comparison is decided whatever the number is; the loader refuses those, as the engine cannot know."""
    return isinstance(atom, Bound) and holds(atom, Sets({atom.fact.name: atom.fact.unknown()})) is not None


def test_the_engine_agrees_about_sums_that_it_adds_up_itself(rulebook: Rulebook) -> None:
    score = rulebook.scores["sins"]
    fact = Fact("sins", "level", "number", (), score.low, score.high, slot=len(blank("level")))
    rules = rulebook_of([Same("level", Bound(fact, ">=", limit)) for limit in (7, 13)]).rules
    book = replace(rulebook, rules=rules, scores={score.id: score})
    judge, witness = Judge(book), Witness(book, book.rules, MOST_ROWS)
    maker = FactMaker(Random(SEED), witness.facts, {})
    seen: Counter[Any] = Counter()
    for _ in range(SUMS):
        known, told = maker.consultation()
        seen += _compare(witness, judge, known, told)
    assert min(seen[True], seen[False], seen[None]) > SUMS / 50


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
def test_a_rule_with_a_slip_in_it_disagrees_with_the_export_of_the_sound_rulebook(
    slip: Slip, rulebook: Rulebook, answered: list[tuple[Known, dict[str, Truth]]]
) -> None:
    random = Random(SEED)
    possible = {rule.id: list(mutants(rule.when, slip)) for rule in rulebook.rules}
    changed = {rule: random.choice(conditions) for rule, conditions in possible.items() if conditions}
    rules = tuple(replace(rule, when=changed.get(rule.id, rule.when)) for rule in rulebook.rules)
    judge = Judge(replace(rulebook, rules=rules))
    noticed = {
        rule.id
        for known, said in answered
        for rule, expects in zip(rules, evaluated(judge, known), strict=True)
        if said.get(rule.id, expects) is not expects
    }
    print(f"{len(noticed)} of {len(changed)}; unnoticed: {sorted(changed.keys() - noticed)}")  # noqa: T201  # as above
    assert len(changed) > len(rules) / 3
    assert noticed <= changed.keys()
    # A few slips change nothing (an alternative that another one covers) or hide deep in a rare combination.
    assert len(noticed) >= len(changed) * LEAST_NOTICED


@pytest.fixture(scope="module")
def answered(rulebook: Rulebook, judge: Judge) -> list[tuple[Known, dict[str, Truth]]]:
    """Random consultations with what the engine says of each rule, where it can be compared."""
    witness = Witness(rulebook, rulebook.rules, MOST_ROWS)
    maker = FactMaker(Random(SEED), witness.facts, limits_of(rulebook))
    answers = []
    for known, told in (maker.consultation() for _ in range(MUTATED)):
        said = list(_said(witness, judge, known, told))
        assert all(says is expects for _, says, expects in said)
        answers.append((known, {rule: says for rule, says, _ in said}))
    return answers
