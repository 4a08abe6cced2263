"""Reviews of notes: recorded once, read as they were recorded, and never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import uuid4

import orjson

from app.errors import InvalidInput, RequestRunning, StaleRevision
from app.services.call import DONE, Call, consultation_path
from app.services.idempotency import receipt_for
from app.services.reviews.document import Review, check_against_note, fits_note, parse_review
from app.services.service import Service
from app.store import (
    Receipt,
    StoredReview,
    Unit,
    add_event,
    add_receipt,
    add_review,
    all_reviews,
    find_receipt,
    hold_newest,
    one_review,
    one_revision,
)
from app.triage import canonical

NEWEST = "newest_revision"
"""What is stored beside what was sent: the revision that was the newest when the review was recorded."""


async def record_review(
    service: Service, call: Call, consultation_id: str, document: Any, newest_among: frozenset[int] | None = None
) -> StoredReview:
    """Store what was decided about a note, as posted (what `read_document` returned).

    newest_among  the newest revision has to be one of these; None for any

    A request that was answered before, by its Idempotency-Key, stores nothing and is answered the same.

    Raises:
        InvalidInput: every fault of the document, or all that does not fit the note.
        NotFound: there is no such consultation, or it has no such revision.
        StaleRevision: the newest revision is another one.
        IdempotencyKeyReused: the key stands for another request.
        StoreUnavailable: the database did not answer.
    Nothing is stored then.
    """
    receipt = receipt_for(call, document, service.oldest_receipt)
    try:
        review = parse_review(document)
    except InvalidInput:
        # A key that stands for another request is the greater mistake, and this one could never have been stored.
        if receipt is not None:
            await service.database.read(call.clinic, find_receipt, receipt)
        raise

    categories = service.triage.rulebook.categories

    def store(unit: Unit) -> StoredReview | dict[str, Any]:
        if receipt is not None and (found := find_receipt(unit, receipt)) is not None:
            return _again(unit, service, call, found)
        newest = hold_newest(unit, consultation_id)
        if newest_among is not None and newest not in newest_among:
            raise StaleRevision(f"If-Match does not name the newest revision, which is {newest}", newest)
        note: dict[str, Any] = orjson.loads(one_revision(unit, consultation_id, review.revision).note)
        if not fits_note(review, note, categories):
            return note
        made = _make(service, call, consultation_id, review, newest)
        if receipt is not None:
            kept = replace(receipt, consultation_id=consultation_id, revision=review.revision, review_id=made.review_id)
            if not add_receipt(unit, kept, made.reviewed_at):
                return _again(unit, service, call, find_receipt(unit, receipt))
        add_review(unit, made)
        target = review_path(consultation_id, made.review_id)
        add_event(unit, call.event(target, detail={"revision": review.revision}), made.reviewed_at)
        return made

    stored = await service.database.write(call.clinic, store)
    if isinstance(stored, StoredReview):
        return stored
    # Words for what does not fit are found here, where no transaction waits for them.
    check_against_note(review, stored, categories)
    raise AssertionError("a review that does not fit its note has a fault")


async def list_reviews(service: Service, call: Call, consultation_id: str) -> list[StoredReview]:
    """The reviews of every revision, oldest first. NotFound, StoreUnavailable."""

    def read_and_tell(unit: Unit) -> list[StoredReview]:
        found = all_reviews(unit, consultation_id)
        add_event(unit, call.event(f"{consultation_path(consultation_id)}/reviews"), service.now())
        return found

    return await service.database.write(call.clinic, read_and_tell)


async def read_review(service: Service, call: Call, consultation_id: str, review_id: str) -> StoredReview:
    """One review. NotFound, StoreUnavailable."""

    def read_and_tell(unit: Unit) -> StoredReview:
        return _tell(unit, service, call, one_review(unit, consultation_id, review_id), DONE)

    return await service.database.write(call.clinic, read_and_tell)


def review_path(consultation_id: str, review_id: str) -> str:
    """How the audit names a review."""
    return f"{consultation_path(consultation_id)}/reviews/{review_id}"


def _make(service: Service, call: Call, consultation_id: str, review: Review, newest: int) -> StoredReview:
    return StoredReview(
        consultation_id=consultation_id,
        review_id=str(uuid4()),
        revision=review.revision,
        reviewed_at=service.now().astimezone(UTC),
        reviewer=f"{call.caller.kind}:{call.caller.subject}",
        verdict=review.verdict,
        review=canonical(review.model_dump(mode="json") | {NEWEST: newest}),
    )


def _again(unit: Unit, service: Service, call: Call, found: Receipt | None) -> StoredReview:
    """What the first request was answered."""
    if found is None:
        # Another process stored it and its receipt was dropped, all in this moment.
        raise RequestRunning("a request with this Idempotency-Key was at work at the same time; ask again in a moment")
    return _tell(unit, service, call, one_review(unit, found.consultation_id or "", found.review_id or ""), "repeated")


def _tell(unit: Unit, service: Service, call: Call, review: StoredReview, outcome: str) -> StoredReview:
    target = review_path(review.consultation_id, review.review_id)
    add_event(unit, call.event(target, outcome), service.now())
    return review
