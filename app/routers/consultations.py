"""Consultations: stored, read, and changed when something more is learned."""

from __future__ import annotations

from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from app.access import Action
from app.errors import NotFound, PreconditionRequired, StaleRevision
from app.routers.accept import JSON, TEXT, wanted
from app.routers.body import MERGE_PATCH, read_json
from app.routers.described.documented import (
    CONSULTATION_TAG,
    FROM_STORED,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    NOT_MODIFIED,
    ConsultationId,
    answer,
    request_body,
)
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.preconditions import NO_STORE, IfMatch, answer_tagged, read_if_match, revision_tag
from app.services.call import Call, consultation_path
from app.services.consult import read_consultation
from app.services.record import record
from app.services.revise import revise
from app.services.service import Service
from app.store import StoredRevision, newest_number
from app.triage import plain_text

_ATTEMPTS = 10
"""How often a change to whichever revision is the newest starts again because another one came first."""


def consultations_router(service: Service, gate: Gate) -> APIRouter:
    """POST /v1/consultations; GET and PATCH /v1/consultations/{id}."""
    router = APIRouter(tags=["consultations"])

    @router.post(
        "/v1/consultations",
        operation_id="record_consultation",
        summary="Store a consultation and make its note",
        status_code=201,
        response_class=Response,
        responses={
            201: answer("Stored", "Stored", "stored", texts={TEXT: "note_text"}, headers=LOCATION | CONSULTATION_TAG)
            | {"links": FROM_STORED},
            **problem_responses(400, 401, 403, 406, 409, 413, 415, 422, 429, 503),
        },
        openapi_extra={
            "parameters": [IDEMPOTENCY_KEY],
            "requestBody": request_body("Consultation", "consultation"),
        },
    )
    async def post(request: Request) -> Response:
        """The first revision. With `Accept: text/plain` the answer is its note as one page of text."""
        call = await gate.let_in(request, Action.CONSULTATION_RECORDED)
        media = wanted(request, JSON, TEXT)
        with service.running.only(call):
            stored = await record(service, call, await read_json(request, limit=service.body_limit))
        content = write_stored(stored, media)
        headers = {"Location": address_of(stored.consultation_id), **_headers(stored, content, media)}
        return Response(content, 201, headers, media)

    @router.get(
        "/v1/consultations/{consultation_id}",
        operation_id="read_consultation",
        summary="Read the newest revision and its note",
        response_class=Response,
        responses={
            200: answer("The newest revision", "Stored", "stored", texts={TEXT: "note_text"}, headers=CONSULTATION_TAG),
            **NOT_MODIFIED,
            **problem_responses(401, 403, 404, 406, 429, 503),
        },
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def get(request: Request, consultation_id: ConsultationId) -> Response:
        """With `Accept: text/plain` the answer is the newest note as one page of text."""
        call = await gate.let_in(request, Action.CONSULTATION_READ, target_of(consultation_id))
        media = wanted(request, JSON, TEXT)
        stored = await read_consultation(service, call, given_id(consultation_id))
        content = write_stored(stored, media)
        tag = revision_tag(stored.revision, media, content)
        return answer_tagged(request, tag, content, media, NO_STORE)

    @router.patch(
        "/v1/consultations/{consultation_id}",
        operation_id="revise_consultation",
        summary="Add what was learned since, as the next revision",
        response_class=Response,
        responses={
            200: answer(
                "The new revision", "Stored", "revised", texts={TEXT: "revised_note_text"}, headers=CONSULTATION_TAG
            ),
            **problem_responses(400, 401, 403, 404, 406, 412, 413, 415, 422, 428, 429, 503),
        },
        openapi_extra={
            "parameters": [IF_MATCH],
            "requestBody": request_body(
                "ConsultationPatch",
                "patch",
                media=MERGE_PATCH[0],
                says="A merge patch (RFC 7396): null removes a key, a list replaces the whole list. "
                "Faults point into the patched consultation.",
            ),
        },
    )
    async def patch(request: Request, consultation_id: ConsultationId) -> Response:
        """The note says what changed. A patch that changes nothing makes no revision."""
        call = await gate.let_in(request, Action.CONSULTATION_REVISED, target_of(consultation_id))
        media = wanted(request, JSON, TEXT)
        given_id(consultation_id)
        condition = read_if_match(request)
        document = await read_json(request, limit=service.body_limit, accepts=MERGE_PATCH)
        stored = await _revise(service, call, consultation_id, document, condition)
        content = write_stored(stored, media)
        return Response(content, 200, _headers(stored, content, media), media)

    return router


def given_id(written: str) -> str:
    """An id as it is written in an address. NotFound when it is not one that could have been given out."""
    try:
        if str(UUID(written)) == written:
            return written
    except ValueError:
        pass
    raise NotFound("a consultation's id is a UUID in lower case, as it was given out")


def target_of(written: str) -> str | None:
    """How the audit names the consultation that an address means; None for what cannot be the id of one."""
    try:
        return consultation_path(given_id(written))
    except NotFound:
        return None


def address_of(consultation_id: str) -> str:
    """The path of a consultation."""
    return f"/v1/consultations/{consultation_id}"


def write_stored(stored: StoredRevision, media: str) -> bytes | str:
    """A revision with its note as JSON, the stored bytes unchanged inside; or only the note, as text."""
    if media == TEXT:
        return plain_text(orjson.loads(stored.note))
    here = address_of(stored.consultation_id)
    return orjson.dumps(
        {
            "id": stored.consultation_id,
            "revision": stored.revision,
            "consultation": orjson.Fragment(stored.body),
            "note": orjson.Fragment(stored.note),
            "links": {"self": here, "note": f"{here}/notes/{stored.revision}", "notes": f"{here}/notes"},
        }
    )


def _headers(stored: StoredRevision, content: bytes | str, media: str) -> dict[str, str]:
    return {"ETag": revision_tag(stored.revision, media, content), "Vary": "Accept"}


async def _revise(
    service: Service, call: Call, consultation_id: str, document: object, condition: IfMatch | None
) -> StoredRevision:
    if condition is None:
        # The consultation is looked up all the same: an address with nothing behind it asks for no condition.
        newest = await service.database.read(call.clinic, newest_number, consultation_id)
        raise PreconditionRequired(f"send the ETag of the revision that this changes in If-Match; newest: {newest}")
    if not condition.any and len(condition.revisions) == 1:
        return await revise(service, call, consultation_id, document, next(iter(condition.revisions)))
    for attempt in range(_ATTEMPTS):
        newest = await service.database.read(call.clinic, newest_number, consultation_id)
        if not condition.any and newest not in condition.revisions:
            break
        try:
            return await revise(service, call, consultation_id, document, newest)
        except StaleRevision:
            if attempt == _ATTEMPTS - 1:
                raise
    if condition.revisions:
        named = ", ".join(str(number) for number in sorted(condition.revisions))
        raise StaleRevision(f"If-Match names the revisions {named}; the newest is {newest}", newest)
    raise StaleRevision(f'If-Match holds no ETag of a revision; that of the newest is "{newest}"', newest)
