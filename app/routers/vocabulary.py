"""What can be asked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.access import Action
from app.routers.described.documented import CONTENT_TAG, IF_NONE_MATCH, NOT_MODIFIED, answer
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.prebuilt import Prebuilt
from app.triage.listing import list_vocabulary


def vocabulary_router(gate: Gate) -> APIRouter:
    """GET /v1/vocabulary."""
    router = APIRouter(tags=["knowledge"])
    vocabulary = Prebuilt(list_vocabulary())

    @router.get(
        "/v1/vocabulary",
        operation_id="read_vocabulary",
        summary="Every fact that can be asked, with its question, values, unit and ranges",
        response_class=Response,
        responses={
            200: answer("The vocabulary", "Vocabulary", "vocabulary", headers=CONTENT_TAG),
            **NOT_MODIFIED,
            **problem_responses(401, 403, 406, 429),
        },
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def get(request: Request) -> Response:
        """Enough to build an intake form from."""
        await gate.let_in(request, Action.KNOWLEDGE_READ)
        return vocabulary.answer(request)

    return router
