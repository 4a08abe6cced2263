"""Law 2: more knowledge only narrows. And its near relation: `not_known` changes no truth."""

from __future__ import annotations

from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from app.triage import Consultation, Triage
from app.triage.known import learn
from tests.laws.bodies import BodyMaker, limits_of
from tests.laws.effort import examples
from tests.laws.knowing import assert_narrower, is_valid, leaves, only_fills_in, some_left_out, without

seeds = st.integers(0, 2**32 - 1)
NAMED_AND_DESCRIBED = [
    "complaint.limb_weakness complaint.weakness_course complaint.weakness_speed complaint.weakness_onset",
    "complaint.limb_weakness complaint.weakness_in_both_legs complaint.ascending_weakness examination.motor",
    "history.cancer history.cancer_types history.known_spinal_metastasis history.weight_loss history.weight_lost_kg",
    "history.trauma history.since_trauma history.symptoms_after_trauma complaint.onset complaint.duration",
    "history.recent_procedures history.since_procedure complaint.onset complaint.duration complaint.infection",
    "history.spine_surgery history.prior_surgery history.recent_procedures complaint.infection",
    "patient.pregnant patient.pregnancy_weeks patient.weeks_since_birth complaint.pregnancy",
    "treatments.conservative_care treatments.conservative_duration treatments.courses complaint.leg_pain",
    "examination.sensory examination.sensation_otherwise_normal examination.perianal_sensation complaint.numbness",
    "history.osteoporosis history.t_score history.steroids complaint.sudden_focal_pain patient.age patient.sex",
    "complaint.leg_side complaint.duration complaint.onset complaint.new_bilateral_leg_pain complaint.leg_pain",
    "complaint.onset complaint.back_pain complaint.leg_pain complaint.sudden_severe_pain complaint.duration",
    "scores.phq9 scores.phq9_item9 history.self_harm_thoughts",
    "complaint.meninges complaint.infection examination.temperature_c complaint.neck_arteries",
    "complaint.dominance complaint.leg_pain complaint.back_pain complaint.arm_pain complaint.neck_pain",
]
"""Words that name something, each with the words that describe it."""


@examples(600)
@given(seed=seeds)
def test_filling_in_one_unknown_undoes_nothing_and_only_narrows_the_urgency(seed: int, triage: Triage) -> None:
    random = Random(seed)
    fuller = BodyMaker(random, limits_of(triage.rulebook)).body()
    emptier = without(fuller, random.choice(list(leaves(fuller))))
    assume(is_valid(emptier))
    assume(only_fills_in(learn(Consultation.model_validate(emptier)), learn(Consultation.model_validate(fuller))))
    assert_narrower(triage, emptier, fuller)


@examples(150)
@given(seed=seeds, count=st.integers(2, 12))
def test_filling_in_many_unknowns_undoes_nothing_and_only_narrows_the_urgency(
    seed: int, count: int, triage: Triage
) -> None:
    random = Random(seed)
    fuller = BodyMaker(random, limits_of(triage.rulebook)).body()
    emptier = some_left_out(fuller, random, count)
    assume(only_fills_in(learn(Consultation.model_validate(emptier)), learn(Consultation.model_validate(fuller))))
    assert_narrower(triage, emptier, fuller)


@examples(400)
@given(seed=seeds, names=st.sampled_from(NAMED_AND_DESCRIBED))
def test_what_is_named_and_described_only_narrows_in_whatever_order_it_is_told(
    seed: int, names: str, triage: Triage
) -> None:
    random = Random(seed)
    fuller = BodyMaker(random, limits_of(triage.rulebook)).about(names.split())
    paths = [path for path in leaves(fuller) if path != ("complaint", "regions")]
    assume(paths)
    emptier = without(fuller, random.choice(paths))
    assume(is_valid(emptier))
    assume(only_fills_in(learn(Consultation.model_validate(emptier)), learn(Consultation.model_validate(fuller))))
    assert_narrower(triage, emptier, fuller)
