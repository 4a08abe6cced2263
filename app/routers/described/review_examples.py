"""Examples of reviews for the OpenAPI document: of the first note of the README's consultation, by a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import orjson

from app.access import CallerKind
from app.routers.reviews import write_review, write_reviews
from app.services.reviews.document import parse_review
from app.services.reviews.review import NEWEST
from app.store import StoredReview
from app.triage import canonical

PARTLY: Final[dict[str, Any]] = {
    "revision": 1,
    "verdict": "partly",
    "urgency": "soon",
    "categories": [
        {"category": "conservative_care", "decision": "pursued"},
        {"category": "lumbar_decompression_and_fusion", "decision": "set_aside"},
    ],
    "reason": "rule_not_cautious_enough",
    "rules": ["lumbar.fusion.unstable-slip"],
    "words": "Four millimetres on these films are within the error of measurement.",
}
"""Care without an operation goes on, and one rule for a fusion is disagreed with."""

AGREEING: Final[dict[str, Any]] = {"revision": 1, "verdict": "agreed"}

_REVIEW = "7f0c9a52-3d41-4b8e-8f57-1a6de2c04b93"
_MOMENT = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
_REVIEWER = f"{CallerKind.PERSON}:a1f0c7d2"


def make_review_examples(consultation_id: str) -> dict[str, dict[str, Any]]:
    """OpenAPI examples by name: bodies, and what the first of them is answered."""
    stored = _stored(consultation_id)
    return {
        "review": {"summary": "Partly agreed; one rule is disagreed with", "value": PARTLY},
        "agreeing_review": {"summary": "Decided as the note has it", "value": AGREEING},
        "recorded_review": {"summary": "As it was recorded", "value": _plain(write_review(stored))},
        "reviews": {"summary": "One review", "value": _plain(write_reviews(consultation_id, [stored]))},
    }


def _stored(consultation_id: str) -> StoredReview:
    review = parse_review(PARTLY)
    return StoredReview(
        consultation_id=consultation_id,
        review_id=_REVIEW,
        revision=review.revision,
        reviewed_at=_MOMENT,
        reviewer=_REVIEWER,
        verdict=review.verdict,
        review=canonical(review.model_dump(mode="json") | {NEWEST: review.revision}),
    )


def _plain(value: Any) -> Any:
    """Moments as the text they are sent as."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))
