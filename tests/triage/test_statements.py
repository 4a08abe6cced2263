from __future__ import annotations

from datetime import date
from random import Random

from app.services.examples import FIRST, LATER
from app.services.input import parse_consultation
from app.services.revise import merge
from app.triage import Consultation, Triage
from app.triage.known import learn
from app.triage.note.statements import statements_of
from tests.laws.bodies import BodyMaker, limits_of

DAY = date(2026, 11, 23)


def test_a_rule_speaks_once_what_it_waited_for_is_known(triage: Triage) -> None:
    waiting = "lumbar.fusion.slip-with-stenosis"
    true, undecided = statements_of(triage.note(parse_consultation(FIRST), DAY))
    assert "lumbar.fusion.unstable-slip" in true
    assert waiting in undecided
    assert "red_flag.cancer.cord_compression" in undecided
    true, undecided = statements_of(triage.note(parse_consultation(merge(FIRST, LATER)), DAY))
    assert waiting in true
    assert not undecided


def test_what_a_note_states_is_true_of_the_consultation_and_nothing_true_is_called_open(triage: Triage) -> None:
    maker, rules = BodyMaker(Random(5), limits_of(triage.rulebook)), triage.rulebook.rules
    shown: set[str] = set()
    for _ in range(200):
        consultation = Consultation.model_validate(maker.body())
        held, open_ones = ({rules[i].id for i in found} for found in triage.judge.values(learn(consultation)))
        true, undecided = statements_of(triage.note(consultation, DAY))
        assert true <= held
        assert undecided <= open_ones
        shown |= true
    kinds = {
        "a red flag": [rule for rule in rules if rule.concludes.urgency],
        "a category": [rule for rule in rules if rule.concludes.supports],
        "a consideration": [rule for rule in rules if rule.concludes.consideration],
        "a contradiction": [rule for rule in rules if rule.concludes.contradiction],
        "imaging": [rule for rule in rules if rule.concludes.imaging],
    }
    assert [kind for kind, those in kinds.items() if those and not shown & {rule.id for rule in those}] == []
