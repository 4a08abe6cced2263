"""What a caller is told who wrote a consultation a little wrong."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest

from app.errors import Fault, InvalidInput
from app.services.fault_words import MOST_KEYS
from app.services.input import parse_consultation
from app.triage.vocabulary.complaint import Complaint


def fault_of(**sections: Any) -> Fault:
    complaint = {"regions": ["lumbar"]} | sections.pop("complaint", {})
    with pytest.raises(InvalidInput) as refused:
        parse_consultation({"complaint": complaint} | sections)
    (fault,) = refused.value.faults
    return fault


def at_level(level: Any, **findings: Any) -> dict[str, Any]:
    return {"imaging": [{"modality": "mri", "levels": [{"level": level} | findings]}]}


LEVELS = "a vertebra such as L4 (C1-C7, T1-T13, L1-L6, S1-S5) or a motion segment such as L4-L5"


@pytest.mark.parametrize(
    ("level", "problem", "allowed"),
    [
        ("L7", "not a level of the spine", LEVELS),
        ("C8", "C8 is a nerve root, not a vertebra; the C8 root leaves at C7-T1", LEVELS),
        (
            "L3-L5",
            "L3-L5 is not one motion segment: it must join two neighbours",
            "segments of two neighbours, such as L3-L4; list each by itself",
        ),
        (4, "this number is the wrong kind of value", 'one of 65 names, such as "C1" or "L6-S1"'),
    ],
)
def test_a_wrong_level_is_told_which_levels_there_are(level: Any, problem: str, allowed: str) -> None:
    assert fault_of(**at_level(level)) == Fault("/imaging/0/levels/0/level", problem, allowed)
    surgery = {"history": {"prior_surgery": [{"kind": "fusion", "levels": [level]}]}}
    assert fault_of(**surgery) == Fault("/history/prior_surgery/0/levels/0", problem, allowed)


def test_a_wrong_root_is_told_which_roots_there_are() -> None:
    fault = fault_of(examination={"sensory": [{"root": "C9", "side": "left", "kind": "reduced"}]})
    assert (fault.problem, fault.allowed) == ("not a nerve root", "one of C1-C8, T1-T12, L1-L5, S1-S5")


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"complaint": {"fever": True}}, "complaint.infection.fever?"),
        ({"complaint": {"fevr": True}}, "complaint.infection.fever?"),
        ({"complaint": {"leg_pian": 3}}, '"leg_pain"?'),
        ({"complaint": {"smoking": "never"}}, "history.smoking?"),
        ({"history": {"side": "left"}}, "examination.motor.side or examination.sensory.side?"),
        ({"back_pain": 3}, "complaint.back_pain?"),
        (at_level("L4-L5", central="severe"), "imaging.levels.stenosis.central?"),
    ],
)
def test_an_unknown_key_is_told_where_it_belongs(body: dict[str, Any], hint: str) -> None:
    assert fault_of(**body).problem == f"unknown key; did you mean {hint}"


def test_an_unknown_key_like_no_other_is_given_no_hint() -> None:
    assert fault_of(complaint={"qqqq": 1}).problem == "unknown key"


def test_of_many_allowed_keys_the_most_similar_are_named() -> None:
    allowed = fault_of(complaint={"leg_pian": 3}).allowed
    count, _, named = allowed.partition(" keys, such as ")
    assert int(count) == len(Complaint.model_fields) > MOST_KEYS
    assert len(named.split(", ")) == MOST_KEYS
    assert named.startswith("leg_pain, ")


def test_hundreds_of_unknown_keys_are_answered_at_once() -> None:
    wrong = {f"{number:03}" + "abcdefghij_" * 5: 1 for number in range(300)}
    begun = perf_counter()
    with pytest.raises(InvalidInput):
        parse_consultation({"complaint": {"regions": ["lumbar"]} | wrong})
    assert perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("section", "key", "value", "allowed"),
    [
        ("examination", "temperature_c", 98.6, "a number, at least 30, at most 45, in degrees Celsius"),
        ("patient", "height_cm", 5.9, "a number, at least 30, at most 260, in cm"),
        ("complaint", "back_pain", 11, "a whole number, at least 0, at most 10"),
    ],
)
def test_a_number_out_of_range_is_told_the_unit_if_it_has_one(
    section: str, key: str, value: float, allowed: str
) -> None:
    fault = fault_of(**{section: {key: value}})
    assert fault.problem in {f"{value} is too large", f"{value} is too small"}
    assert fault.allowed == allowed
