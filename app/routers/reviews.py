"""Reviews: what clinicians decided after reading a note."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.access import Action
from app.routers.accept import JSON, wanted
from app.routers.body import read_json
from app.routers.consultations import address_of, given_id, target_of
from app.routers.described.documented import (
    FROM_REVIEW,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LOCATION,
    ConsultationId,
    answer,
    request_body,
)
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.preconditions import read_if_match
from app.services.reviews.review import NEWEST, list_reviews, read_review, record_review
from app.services.service import Service
from app.store import StoredReview

_CREATED = LOCATION["Location"]
_LOCATION = {
    "Location": _CREATED
    | {
        "description": "The address of the new review",
        "example": f"{_CREATED['example']}/reviews/7f0c9a52-3d41-4b8e-8f57-1a6de2c04b93",
    }
}
_IF_NEWEST = IF_MATCH | {
    "required": False,
    "description": "An ETag of the consultation: 412 when another revision is the newest by now. Without it any "
    "revision can be reviewed, and `newest_revision` of the answer says which one is the newest.",
}
ReviewId = Annotated[str, Path(description="As in the answer of POST", json_schema_extra={"format": "uuid"})]


def reviews_router(service: Service, gate: Gate) -> APIRouter:
    """POST and GET /v1/consultations/{id}/reviews, GET /v1/consultations/{id}/reviews/{review_id}."""
    router = APIRouter(tags=["consultations"])

    @router.post(
        "/v1/consultations/{consultation_id}/reviews",
        operation_id="record_review",
        summary="Record what was decided after reading a note",
        status_code=201,
        response_class=Response,
        responses={
            201: answer("Recorded", "RecordedReview", "recorded_review", headers=_LOCATION) | {"links": FROM_REVIEW},
            **problem_responses(400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 429, 503),
        },
        openapi_extra={
            "parameters": [IDEMPOTENCY_KEY, _IF_NEWEST],
            "requestBody": request_body("Review", "review", "agreeing_review"),
        },
    )
    async def post(request: Request, consultation_id: ConsultationId) -> Response:
        """Agreed or not, what was decided about categories, and why, from a list and in words.

        Reviews stay as they are: a correction is another review of the same note by the same caller, and the latest
        counts.
        """
        call = await gate.let_in(request, Action.REVIEW_RECORDED, target_of(consultation_id))
        wanted(request, JSON)
        given_id(consultation_id)
        condition = read_if_match(request)
        newest_among = None if condition is None or condition.any else condition.revisions
        with service.running.only(call):
            document = await read_json(request, limit=service.body_limit)
            stored = await record_review(service, call, consultation_id, document, newest_among)
        recorded = write_review(stored)
        headers = {"Location": recorded["links"]["self"]}
        return Response(orjson.dumps(recorded, option=orjson.OPT_UTC_Z), 201, headers, JSON)

    @router.get(
        "/v1/consultations/{consultation_id}/reviews",
        operation_id="list_reviews",
        summary="List the reviews of a consultation's notes, oldest first",
        response_class=Response,
        responses={
            200: answer("The reviews", "ReviewList", "reviews"),
            **problem_responses(401, 403, 404, 406, 429, 503),
        },
    )
    async def get_all(request: Request, consultation_id: ConsultationId) -> Response:
        call = await gate.let_in(request, Action.REVIEWS_LISTED, target_of(consultation_id))
        wanted(request, JSON)
        stored = await list_reviews(service, call, given_id(consultation_id))
        listed = write_reviews(consultation_id, stored)
        return Response(orjson.dumps(listed, option=orjson.OPT_UTC_Z), media_type=JSON)

    @router.get(
        "/v1/consultations/{consultation_id}/reviews/{review_id}",
        operation_id="read_review",
        summary="Read one review, as it was recorded",
        response_class=Response,
        responses={
            200: answer("The review", "RecordedReview", "recorded_review"),
            **problem_responses(401, 403, 404, 406, 429, 503),
        },
    )
    async def get(request: Request, consultation_id: ConsultationId, review_id: ReviewId) -> Response:
        call = await gate.let_in(request, Action.REVIEW_READ, target_of(consultation_id))
        wanted(request, JSON)
        stored = await read_review(service, call, given_id(consultation_id), given_id(review_id))
        return Response(orjson.dumps(write_review(stored), option=orjson.OPT_UTC_Z), media_type=JSON)

    return router


def write_review(stored: StoredReview) -> dict[str, Any]:
    """A `RecordedReview`."""
    here = address_of(stored.consultation_id)
    kind, _, subject = stored.reviewer.partition(":")
    review = orjson.loads(stored.review)
    newest = review.pop(NEWEST)
    return {
        "id": stored.review_id,
        "consultation_id": stored.consultation_id,
        "reviewed_at": stored.reviewed_at,
        "reviewer": {"kind": kind, "subject": subject},
        "newest_revision": newest,
        "review": review,
        "links": {
            "self": f"{here}/reviews/{stored.review_id}",
            "consultation": here,
            "note": f"{here}/notes/{stored.revision}",
        },
    }


def write_reviews(consultation_id: str, stored: list[StoredReview]) -> dict[str, Any]:
    """A `ReviewList`."""
    here = address_of(consultation_id)
    return {
        "reviews": [write_review(each) for each in stored],
        "links": {"self": f"{here}/reviews", "consultation": here},
    }
