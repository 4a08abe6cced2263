"""Every field says what it promises: a question, its unit and range, and codes whose check digits hold."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from app.triage.facts import Fact, registry
from app.triage.listing import list_vocabulary
from app.triage.vocabulary.declare import EVERY_MODALITY

FACTS = [fact for table in registry().values() for fact in table.values()]
LISTED: list[dict[str, Any]] = list_vocabulary()["facts"]
CODES = sorted({code for fact in FACTS for code in fact.codes})
_WHERE = {"level", "region", "limb"}
_FIVE_TIMES_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def _ids(fact: Fact) -> str:
    return f"{fact.table or 'consultation'}:{fact.name}"


@pytest.mark.parametrize("fact", [f for f in FACTS if not f.inputs and f.name not in _WHERE], ids=_ids)
def test_every_fact_that_can_be_stated_has_a_question_in_plain_words(fact: Fact) -> None:
    assert fact.question.endswith(("?", ".")) or fact.name == "patient.reference"
    assert "_" not in fact.question
    assert len(fact.question) < 420


@pytest.mark.parametrize("fact", [f for f in FACTS if f.kind == "number"], ids=_ids)
def test_every_number_has_a_unit_and_a_hard_range_around_its_plausible_and_normal_ones(fact: Fact) -> None:
    assert fact.unit
    assert math.isfinite(fact.low)
    assert math.isfinite(fact.high)
    assert fact.low < fact.high
    for span in (fact.plausible, fact.normal):
        if span is not None:
            assert fact.low <= span[0] <= span[1] <= fact.high


@pytest.mark.parametrize("fact", [f for f in FACTS if f.kind in {"one_of", "some_of"}], ids=_ids)
def test_every_list_of_values_names_each_value_once_in_one_spelling(fact: Fact) -> None:
    assert len(set(fact.values)) == len(fact.values) > 1
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*|[CTLS]\d+(-[CTLS]\d+)?", value) for value in fact.values)


@pytest.mark.parametrize("fact", [f for f in FACTS if f.table == "level" and f.name not in _WHERE], ids=_ids)
def test_every_finding_says_which_modalities_can_show_it(fact: Fact) -> None:
    assert fact.seen_on
    assert set(fact.seen_on) <= set(EVERY_MODALITY)


@pytest.mark.parametrize("fact", [f for f in FACTS if f.group and f.kind in {"one_of", "some_of"}], ids=_ids)
def test_a_list_that_a_screening_group_answers_has_its_no_first_if_it_has_one(fact: Fact) -> None:
    later = {"none", "normal"} & set(fact.values[1:])
    assert not later


@pytest.mark.parametrize("fact", FACTS, ids=_ids)
def test_every_label_is_words_that_a_reader_understands(fact: Fact) -> None:
    assert fact.label
    assert "_" not in fact.label


def test_the_listing_shows_every_fact_once() -> None:
    names = [entry["name"] for entry in LISTED]
    assert len(names) == len(set(names)) == len(FACTS)


def _verhoeff_holds(code: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(code)):
        total = int(_FIVE_TIMES_DIHEDRAL[total][int(_TURNED[place % 8][int(digit)])])
    return total == 0


def _luhn_holds(code: str) -> bool:
    digits, _, check = code.partition("-")
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits))]
    return (10 - sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10) % 10 == int(check)


_CHECK = {"http://snomed.info/sct": _verhoeff_holds, "http://loinc.org": _luhn_holds}


@pytest.mark.parametrize("code", [code for code in CODES if code.rpartition("|")[0] in _CHECK])
def test_a_code_has_the_check_digit_of_its_system(code: str) -> None:
    system, _, value = code.rpartition("|")
    assert _CHECK[system](value)


def test_check_digits_tell_a_mistyped_code_from_a_real_one() -> None:
    assert all(_luhn_holds(code) for code in ("24972-2", "24968-0", "24963-1"))
    assert not any(_luhn_holds(code) for code in ("24972-3", "24927-2"))
    assert all(_verhoeff_holds(code) for code in ("23056005", "279039007"))
    assert not any(_verhoeff_holds(code) for code in ("23056006", "23065005"))


def test_codes_come_from_known_systems_and_have_their_shape() -> None:
    shapes = {
        "http://snomed.info/sct": r"\d{6,18}",
        "http://loinc.org": r"\d{1,7}-\d",
        "http://hl7.org/fhir/sid/icd-10-cm": r"[A-TV-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?",
    }
    assert CODES
    for code in CODES:
        system, _, value = code.rpartition("|")
        assert re.fullmatch(shapes[system], value), code
