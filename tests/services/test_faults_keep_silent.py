"""What a caller typed into the wrong field comes back in no error: errors are logged by whoever receives them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.errors import InvalidInput, MalformedBody
from app.services.input import parse_consultation, read_document

NAME = "MARKER-of-a-person"
RECORD = 47110815
LUMBAR: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"patient": {"reference": NAME * 20}},
        {"patient": {"reference": [NAME]}},
        {"patient": {"sex": NAME}},
        {"patient": {"age": NAME}},
        {"complaint": {"regions": [NAME]}},
        {"complaint": {"regions": ["lumbar"], "duration": {"value": 1, "unit": NAME}}},
        {"imaging": [{"modality": NAME}]},
        {"imaging": [{"modality": "mri", "date": NAME}]},
        {"imaging": [{"modality": "mri", "measured_by": NAME * 20}]},
        {"imaging": [{"modality": "mri", "levels": [{"level": NAME}]}]},
        {"not_known": [NAME]},
        {"screening": {"cord": NAME}},
    ],
)
def test_a_refused_text_is_not_repeated(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_consultation(read_document(orjson.dumps(LUMBAR | wrong)))
    assert NAME not in str(refused.value.faults) + str(refused.value)
    assert refused.value.faults[0].pointer


@pytest.mark.parametrize(
    "wrong",
    [
        {"patient": {"reference": RECORD}},
        {"patient": {"sex": RECORD}},
        {"patient": RECORD},
        {"not_known": [RECORD]},
        {"imaging": [{"modality": RECORD}]},
        {"screening": {"cord": RECORD + 0.5}},
    ],
)
def test_a_number_where_none_belongs_is_not_repeated(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_consultation(read_document(orjson.dumps(LUMBAR | wrong)))
    assert str(RECORD) not in str(refused.value.faults) + str(refused.value)
    assert "this number" in str(refused.value.faults)


def test_a_number_where_numbers_belong_is_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_consultation(read_document(orjson.dumps({"complaint": {"regions": ["lumbar"], "leg_pain": 11}})))
    assert refused.value.faults[0].problem == "11 is too large"


@pytest.mark.parametrize("raw", [f'{{"a": "{NAME}', f'{{"a": {NAME}}}', f'{{"a": "{NAME}"}} {NAME}'])
def test_a_document_that_is_no_json_is_not_repeated(raw: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        read_document(raw.encode())
    assert NAME not in str(refused.value)
