from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any

import pytest

from app.errors import InvalidInput
from app.services.examples import FIRST
from app.services.faults import MOST_FAULTS
from app.services.input import parse_consultation
from app.services.reviews.document import MOST_HINTS, MOST_WORDS, check_against_note, parse_review
from app.triage import Triage

OVERRODE = {"revision": 1, "verdict": "overrode", "reason": "comorbidity"}
FUSION = {"category": "lumbar_decompression_and_fusion", "decision": "pursued"}
RULE = "lumbar.fusion.unstable-slip"


def pointers(document: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        parse_review(document)
    assert all(fault.problem and fault.allowed for fault in refused.value.faults)
    return sorted(fault.pointer for fault in refused.value.faults)


@pytest.fixture(scope="module")
def note(triage: Triage) -> dict[str, Any]:
    return triage.note(parse_consultation(FIRST), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [""]),
        ({}, ["/revision", "/verdict"]),
        ({"revision": 0, "verdict": "Agreed"}, ["/revision", "/verdict"]),
        ({"revision": "1", "verdict": "agreed"}, ["/revision"]),
        ({"revision": True, "verdict": "agreed", "reviewer": "me"}, ["/reviewer", "/revision"]),
        ({"revision": 1, "verdict": "agreed", "urgency": "tomorrow"}, ["/urgency"]),
        ({"revision": 1, "verdict": "agreed", "categories": []}, ["/categories"]),
        ({"revision": 1, "verdict": "agreed", "categories": [{"category": "x"}]}, ["/categories/0/decision"]),
        ({"revision": 1, "verdict": "agreed", "words": "x" * (MOST_WORDS + 1)}, ["/words"]),
        ({"revision": 1, "verdict": "agreed", "words": None}, ["/words"]),
        ({"revision": 1, "verdict": "agreed", "words": " \n"}, ["/words"]),
        ({"revision": 1, "verdict": "agreed", "reason": "other", "rules": [RULE]}, ["/reason", "/rules", "/words"]),
        ({"revision": 1, "verdict": "partly"}, ["/reason"]),
        (OVERRODE | {"reason": "because"}, ["/reason"]),
        (OVERRODE | {"reason": "other"}, ["/words"]),
        (OVERRODE | {"rules": [RULE, "another", RULE, RULE]}, ["/rules/2", "/rules/3"]),
        (OVERRODE | {"categories": [FUSION, FUSION | {"decision": "deferred"}]}, ["/categories/1/category"]),
    ],
)
def test_what_cannot_be_a_review_is_refused_with_every_place(document: Any, expected: list[str]) -> None:
    assert pointers(document) == expected


@pytest.mark.parametrize(
    "document",
    [
        {"revision": 1, "verdict": "agreed"},
        {"revision": 1, "verdict": "agreed", "urgency": "none", "words": "x" * MOST_WORDS},
        OVERRODE,
        OVERRODE | {"reason": "other", "words": "Seen twice", "rules": [RULE], "categories": [FUSION]},
    ],
)
def test_what_is_a_review_is_kept_as_it_was_sent(document: Any) -> None:
    assert parse_review(document).model_dump(mode="json") == document


def test_rules_have_spoken_in_the_note_and_categories_are_the_rulebook_s(triage: Triage, note: dict[str, Any]) -> None:
    review = parse_review(
        OVERRODE
        | {
            "rules": [RULE, "lumbar.fusion.unstable-slips", "red_flag.cancer.cord_compression", "MRN-1042"],
            "categories": [FUSION, {"category": "lumbar_decompresion", "decision": "pursued"}],
        }
    )
    with pytest.raises(InvalidInput) as refused:
        check_against_note(review, note, triage.rulebook.categories)
    assert {fault.pointer: fault.problem for fault in refused.value.faults} == {
        "/categories/1/category": "the rulebook has no such category; did you mean lumbar_decompression?",
        "/rules/1": f"this rule did not speak in the note of revision 1; did you mean {RULE}?",
        "/rules/2": "this rule did not speak in the note of revision 1",
        "/rules/3": "this rule did not speak in the note of revision 1",
    }


def test_however_many_names_are_wrong_only_a_few_similar_ones_are_looked_for(
    triage: Triage, note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[str] = []

    def watched(given: str, among: Any, n: int) -> list[str]:
        looked_for.append(given)
        return get_close_matches(given, among, n=n)

    monkeypatch.setattr("app.services.reviews.document.get_close_matches", watched)
    wrong = [f"{RULE}-{number}" for number in range(200)]
    review = parse_review(OVERRODE | {"rules": wrong, "categories": [FUSION | {"category": "fusion"}]})
    with pytest.raises(InvalidInput) as refused:
        check_against_note(review, note, triage.rulebook.categories)
    assert len(refused.value.faults) == MOST_FAULTS + 1
    assert looked_for == ["fusion", *wrong[: MOST_HINTS - 1]]
    assert refused.value.faults[1].problem.endswith(f"did you mean {RULE}?")
    assert "did you mean" not in refused.value.faults[MOST_HINTS].problem


def test_a_category_that_the_rulebook_has_no_more_can_be_decided_if_the_note_has_it(note: dict[str, Any]) -> None:
    check_against_note(parse_review(OVERRODE | {"categories": [FUSION]}), note, ["conservative_care"])
    elsewhere = {"category": "hip_referral", "decision": "pursued"}
    with pytest.raises(InvalidInput):
        check_against_note(parse_review(OVERRODE | {"categories": [elsewhere]}), note, ["conservative_care"])
