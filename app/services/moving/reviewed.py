"""The reviews in a line of an export: taken only in the shape in which reviews are recorded here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from app.errors import Fault, InvalidInput
from app.services.moving.form import ConsultationLine, ReviewPart, digest_of
from app.services.reviews.document import Review, parse_review
from app.services.reviews.review import NEWEST
from app.store import StoredReview


def read_review(line: ConsultationLine, part: ReviewPart, raw: Any, where: str) -> StoredReview:
    """A review as it was stored, `raw` being what `part` was made of, at the pointer `where`. InvalidInput."""
    if part.revision > len(line.revisions):
        allowed = f"1 to {len(line.revisions)}, the revisions of this consultation"
        raise InvalidInput([Fault(f"{where}/revision", "there is no such revision", allowed)])
    review = bytes_of(raw["review"], part.review_sha256, f"{where}/review")
    sent = {key: value for key, value in raw["review"].items() if key != NEWEST}
    try:
        _check_beside(part, parse_review(sent), raw["review"].get(NEWEST), len(line.revisions))
    except InvalidInput as error:
        faults = [Fault(f"{where}/review{each.pointer}", each.problem, each.allowed) for each in error.faults]
        raise InvalidInput(faults) from None
    return StoredReview(
        consultation_id=line.id,
        review_id=part.review_id,
        revision=part.revision,
        reviewed_at=part.reviewed_at,
        reviewer=part.reviewer,
        verdict=part.verdict,
        review=review,
    )


def check_ids(reviews: Sequence[StoredReview]) -> None:
    """InvalidInput when two reviews of a consultation have one id."""
    seen: set[str] = set()
    for index, review in enumerate(reviews):
        if review.review_id in seen:
            raise InvalidInput([Fault(f"/reviews/{index}/review_id", "this id is there already", "each id once")])
        seen.add(review.review_id)


def bytes_of(value: Any, digest: str, where: str) -> bytes:
    """The bytes that were stored. JSON written here without spaces, in the order it was read, comes to the same."""
    content = orjson.dumps(value)
    if digest_of(content) != digest:
        raise InvalidInput([Fault(where, "this is not, to the byte, what was exported", "the line as it was exported")])
    return content


def _check_beside(part: ReviewPart, review: Review, newest: Any, revisions: int) -> None:
    for key in ("revision", "verdict"):
        if getattr(review, key) != getattr(part, key):
            raise InvalidInput([Fault(f"/{key}", "beside the review stands another one", "the same in both places")])
    if type(newest) is not int or not part.revision <= newest <= revisions:
        allowed = f"{part.revision} to {revisions}: the newest revision when it was recorded"
        raise InvalidInput([Fault(f"/{NEWEST}", "this is not what the newest revision was", allowed)])
