"""The notes of a consultation, one a revision; none is ever changed."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.access import Action
from app.errors import NotFound
from app.routers.accept import JSON, TEXT, wanted
from app.routers.consultations import address_of, given_id, target_of
from app.routers.described.documented import (
    CONTENT_TAG,
    IF_NONE_MATCH,
    NOT_MODIFIED,
    ConsultationId,
    RevisionNumber,
    answer,
)
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.preconditions import NO_STORE, answer_tagged, revision_tag
from app.services.consult import read_note, read_notes
from app.services.service import Service
from app.store import StoredRevision
from app.triage import plain_text

_LONGEST_NUMBER = 9


def notes_router(service: Service, gate: Gate) -> APIRouter:
    """GET /v1/consultations/{id}/notes[/{revision}]."""
    router = APIRouter(tags=["consultations"])

    @router.get(
        "/v1/consultations/{consultation_id}/notes",
        operation_id="list_notes",
        summary="List the notes of a consultation, oldest first",
        response_class=Response,
        responses={200: answer("The notes", "NoteList", "notes"), **problem_responses(401, 403, 404, 406, 429, 503)},
    )
    async def get_all(request: Request, consultation_id: ConsultationId) -> Response:
        call = await gate.let_in(request, Action.NOTES_LISTED, target_of(consultation_id))
        wanted(request, JSON)
        stored = await read_notes(service, call, given_id(consultation_id))
        return Response(orjson.dumps(list_notes(stored), option=orjson.OPT_UTC_Z), media_type=JSON)

    @router.get(
        "/v1/consultations/{consultation_id}/notes/{revision}",
        operation_id="read_note",
        summary="Read one note, as it was made",
        response_class=Response,
        responses={
            200: answer("The note", "Note", "note", texts={TEXT: "note_text"}, headers=CONTENT_TAG),
            **NOT_MODIFIED,
            **problem_responses(401, 403, 404, 406, 429, 503),
        },
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def get(request: Request, consultation_id: ConsultationId, revision: RevisionNumber) -> Response:
        """The JSON never changes. With `Accept: text/plain` the note is one page of text, as this version writes it."""
        call = await gate.let_in(request, Action.NOTE_READ, target_of(consultation_id))
        media = wanted(request, JSON, TEXT)
        stored = await read_note(service, call, given_id(consultation_id), _given_revision(revision))
        content = stored.note if media == JSON else plain_text(orjson.loads(stored.note))
        tag = revision_tag(stored.revision, media, content)
        return answer_tagged(request, tag, content, media, NO_STORE)

    return router


def list_notes(revisions: list[StoredRevision]) -> dict[str, Any]:
    """A `NoteList` of at least one revision."""
    here = address_of(revisions[0].consultation_id)
    return {
        "notes": [_listed(stored, here) for stored in revisions],
        "links": {"self": f"{here}/notes", "consultation": here},
    }


def _listed(stored: StoredRevision, here: str) -> dict[str, Any]:
    note = orjson.loads(stored.note)
    return {
        "revision": stored.revision,
        "created_at": stored.created_at,
        "made_on": stored.made_on,
        "headline": note["headline"],
        "urgency": {key: note["urgency"][key] for key in ("at_least", "at_most", "settled")},
        "rulebook_digest": stored.rulebook_digest,
        "links": {"self": f"{here}/notes/{stored.revision}"},
    }


def _given_revision(written: str) -> int:
    if written.isascii() and written.isdigit() and written[0] != "0" and len(written) <= _LONGEST_NUMBER:
        return int(written)
    raise NotFound("a revision is a whole number, counted from 1")
