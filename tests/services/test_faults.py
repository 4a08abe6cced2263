from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import MISSING, AfterValidator, BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from app.errors import Fault, InvalidInput
from app.services.faults import MOST_FAULTS
from app.services.input import parse_consultation, validate


class Strictly(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Exactly(Strictly):
    value: Annotated[float, Field(ge=0, le=100)]
    unit: Literal["days", "weeks"]


class Between(Strictly):
    at_least: float
    at_most: float
    unit: Literal["days", "weeks"]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError("at_least is longer than at_most")
        return self


class Xray(Strictly):
    kind: Literal["radiograph"]
    views: Annotated[list[Literal["flexion", "extension"]], Field(min_length=1)] | MISSING = MISSING


class Mri(Strictly):
    kind: Literal["mri"]
    stenosis: bool | MISSING = MISSING


def known_level(text: str) -> str:
    if text != "L4-L5":
        raise ValueError("not a level, such as L4-L5")
    return text


def even(number: int) -> int:
    if number % 2:
        raise PydanticCustomError("odd_number", "{given} is odd", {"given": number, "allowed": "an even number"})
    return number


class Body(Strictly):
    regions: Annotated[list[Literal["lumbar", "cervical"]], Field(min_length=1, max_length=2)]
    pain: Annotated[int, Field(ge=0, le=10)] | MISSING = MISSING
    fever: bool | MISSING = MISSING
    note: Annotated[str, Field(min_length=1, max_length=5)] | MISSING = MISSING
    level: Annotated[str, AfterValidator(known_level)] | MISSING = MISSING
    pair: Annotated[int, AfterValidator(even)] | MISSING = MISSING
    seen: Annotated[date, Strict(strict=False)] | MISSING = MISSING
    duration: Exactly | Between | MISSING = MISSING
    grade: Annotated[int, Field(ge=0, le=5)] | Literal["4-", "4+"] | MISSING = MISSING
    images: list[Annotated[Xray | Mri, Field(discriminator="kind")]] | MISSING = MISSING
    by_root: dict[str, Literal["none", "some"]] | MISSING = MISSING


def faults_of(document: Any) -> list[Fault]:
    with pytest.raises(InvalidInput) as refusal:
        validate(Body, document)
    return list(refusal.value.faults)


def fault_of(**members: Any) -> Fault:
    (fault,) = faults_of({"regions": ["lumbar"], **members})
    return fault


PAIN = "a whole number, at least 0, at most 10"
UNITS = 'one of "days", "weeks"'


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"pain": 11}, Fault("/pain", "11 is too large", PAIN)),
        ({"pain": -1}, Fault("/pain", "-1 is too small", PAIN)),
        ({"pain": "8"}, Fault("/pain", "this text is the wrong kind of value", PAIN)),
        ({"pain": 8.5}, Fault("/pain", "8.5 is the wrong kind of value", PAIN)),
        ({"pain": True}, Fault("/pain", "true is the wrong kind of value", PAIN)),
        ({"fever": "yes"}, Fault("/fever", "this text is the wrong kind of value", "true or false")),
        ({"fever": None}, Fault("/fever", "null is not an answer", "leave the key out")),
        ({"note": ""}, Fault("/note", "the text is empty", "text, at least 1 character, at most 5 characters")),
        (
            {"note": "x" * 9},
            Fault("/note", "too many: 9 characters", "text, at least 1 character, at most 5 characters"),
        ),
        ({"level": "L3-L5"}, Fault("/level", "not a level, such as L4-L5", "text")),
        ({"pair": 3}, Fault("/pair", "3 is odd", "an even number")),
        ({"seen": "2025-02-30"}, Fault("/seen", "this text is not a date", "a date, such as 2025-03-31")),
        (
            {"grade": "5-"},
            Fault(
                "/grade",
                "this text is not one of the choices",
                'one of "4-", "4+" or a whole number, at least 0, at most 5',
            ),
        ),
        ({"grade": 6}, Fault("/grade", "6 is too large", 'one of "4-", "4+" or a whole number, at least 0, at most 5')),
        (
            {"duration": {"value": 3, "unit": "day"}},
            Fault("/duration/unit", 'this text is not one of the choices; did you mean "days"?', UNITS),
        ),
        (
            {"duration": {"at_least": 5, "at_most": 4, "unit": "days"}},
            Fault("/duration", "at_least is longer than at_most", "values that agree with one another"),
        ),
        (
            {"duration": 3},
            Fault(
                "/duration",
                "this number is the wrong kind of value",
                "an object with the keys value, unit or an object with the keys at_least, at_most, unit",
            ),
        ),
        (
            {"images": [{"kind": "ct"}]},
            Fault("/images/0/kind", "this text is not one of the choices", 'one of "radiograph", "mri"'),
        ),
        (
            {"images": [{"views": ["flexion"]}]},
            Fault(
                "/images/0/kind",
                "this key is required; it tells which kind of object this is",
                'one of "radiograph", "mri"',
            ),
        ),
        (
            {"images": [{"kind": "mri", "stenosis": 1}]},
            Fault("/images/0/stenosis", "this number is the wrong kind of value", "true or false"),
        ),
        (
            {"images": [{"kind": "mri", "views": ["flexion"]}]},
            Fault("/images/0/views", "unknown key", "the keys kind, stenosis"),
        ),
        (
            {"images": [{"kind": "radiograph", "views": []}]},
            Fault(
                "/images/0/views", "the list is empty", 'a list, at least 1 item, each one of "flexion", "extension"'
            ),
        ),
        (
            {"by_root": {"L5/S1 ~": "sum"}},
            Fault("/by_root/L5~1S1 ~0", "this text is not one of the choices", 'one of "none", "some"'),
        ),
        (
            {"fevr": True},
            Fault(
                "/fevr",
                'unknown key; did you mean "fever"?',
                "the keys regions, pain, fever, note, level, pair, seen, duration, grade, images, by_root",
            ),
        ),
    ],
)
def test_a_fault_says_where_what_and_what_is_allowed(members: dict[str, Any], fault: Fault) -> None:
    assert fault_of(**members) == fault


def test_all_faults_are_reported_at_once() -> None:
    pointers = {fault.pointer for fault in faults_of({"pain": 11, "fever": 0, "images": [{"kind": "ct"}, 3], "x": 1})}
    assert pointers == {"/regions", "/pain", "/fever", "/images/0/kind", "/images/1", "/x"}


@pytest.mark.parametrize("document", [None, [], 3, "text", True])
def test_a_document_of_another_kind_is_one_fault_at_the_root(document: Any) -> None:
    (fault,) = faults_of(document)
    assert fault.pointer == ""
    assert fault.allowed.startswith("an object with the keys regions")


@pytest.mark.parametrize("key", ["mri", "Mri", "[key]", "0", ""])
def test_a_key_that_is_named_like_pydantics_own_steps_keeps_its_place(key: str) -> None:
    assert fault_of(images=[{"kind": "mri", key: 1}]).pointer == f"/images/0/{key}"
    assert fault_of(**{key: {"regions": 1}}).pointer == f"/{key}"


def test_a_long_value_or_key_is_never_repeated_whole() -> None:
    secret = "x" * 61
    for fault in faults_of({"regions": [secret], secret: secret, "pain": secret, "seen": secret}):
        assert secret not in fault.pointer + fault.problem + fault.allowed


def test_a_million_faults_get_a_short_answer() -> None:
    faults = faults_of({f"key{number}": number for number in range(5 * MOST_FAULTS)})
    assert len(faults) == MOST_FAULTS + 1
    assert "not listed" in faults[-1].problem


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["L5", "mri", "", "4-", "days"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "mri", "Exactly", "value", "unit", "at_least", "0"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(document=st.dictionaries(st.sampled_from([*Body.model_fields, "mri", "x"]), VALUES))
def test_every_pointer_leads_to_a_value_of_the_document_or_to_a_missing_key(document: dict[str, Any]) -> None:
    try:
        validate(Body, document)
    except InvalidInput as refusal:
        for fault in refusal.faults:
            assert fault.problem
            assert fault.allowed
            place: Any = document
            for step in fault.pointer.split("/")[1:]:
                if isinstance(place, dict) and step not in place:
                    assert fault.problem.startswith("this key is required")
                    break
                place = place[int(step)] if isinstance(place, list) else place[step]


def test_null_in_a_consultation_is_better_named_as_not_known() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_consultation({"complaint": {"regions": ["lumbar"], "back_pain": None}})
    allowed = "leave the key out, or name it in not_known"
    assert refused.value.faults == (Fault("/complaint/back_pain", "null is not an answer", allowed),)
