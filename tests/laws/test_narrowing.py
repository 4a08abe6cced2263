"""Law 2: more knowledge only narrows. And its near relation: `not_known` changes no truth."""

from __future__ import annotations

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.triage import Consultation, Triage
from app.triage.known import learn
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.knowing import assert_narrower, is_valid, leaves, only_fills_in, some_left_out, without

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=600)
@given(seed=seeds)
def test_filling_in_one_unknown_undoes_nothing_and_only_narrows_the_urgency(seed: int, triage: Triage) -> None:
    random = Random(seed)
    fuller = BodyMaker(random, limits_of(triage.rulebook)).body()
    emptier = without(fuller, random.choice(list(leaves(fuller))))
    assume(is_valid(emptier))
    assume(only_fills_in(learn(Consultation.model_validate(emptier)), learn(Consultation.model_validate(fuller))))
    assert_narrower(triage, emptier, fuller)


@settings(max_examples=150)
@given(seed=seeds, count=st.integers(2, 12))
def test_filling_in_many_unknowns_undoes_nothing_and_only_narrows_the_urgency(
    seed: int, count: int, triage: Triage
) -> None:
    random = Random(seed)
    fuller = BodyMaker(random, limits_of(triage.rulebook)).body()
    emptier = some_left_out(fuller, random, count)
    assume(only_fills_in(learn(Consultation.model_validate(emptier)), learn(Consultation.model_validate(fuller))))
    assert_narrower(triage, emptier, fuller)
