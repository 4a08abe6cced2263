from __future__ import annotations

import json
import re
from pathlib import Path

import orjson

from app.services.examples import FIRST, LATER
from app.services.input import canonical_body, parse_consultation
from app.services.revise import merge

README = Path(__file__).parents[2] / "README.md"


def test_the_first_example_is_the_one_in_the_readme() -> None:
    found = re.search(r"```json\n(\{\"patient.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert json.loads(found[1]) == FIRST


def test_what_is_learned_later_is_allowed_with_the_first_example() -> None:
    both = merge(FIRST, LATER)
    assert orjson.loads(canonical_body(parse_consultation(both))) == both
    assert [report["modality"] for report in both["imaging"]] == ["radiograph", "mri"]
