"""A patient's rights: to know everything that is held of them, and to be erased."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from app.access import Action
from app.errors import Fault, InvalidInput, NotFound
from app.routers.accept import JSON, wanted
from app.routers.described.documented import CONTENT_TAG, IF_NONE_MATCH, NOT_MODIFIED, PatientReference, answer
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.preconditions import NO_STORE, is_known
from app.services.patients.erase import erase
from app.services.patients.export import export_patient
from app.services.service import Service
from app.store import HeldConsultation, HeldEvent, HeldPatient

_LONGEST = 64
"""Characters of a reference, as bodies may have it."""


class _Reference(Convertor[str]):
    """Any text. A slash ends other parameters, and a line break even Starlette's `path`: a reference may hold both."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("reference", _Reference())


def patients_router(service: Service, gate: Gate) -> APIRouter:
    """GET /v1/patients/{reference}/export and DELETE /v1/patients/{reference}."""
    router = APIRouter(tags=["patients"])

    @router.get(
        "/v1/patients/{reference:reference}/export",
        operation_id="export_patient",
        summary="Everything that is held of a patient, and who saw it",
        response_class=Response,
        responses={
            200: answer("All of it", "PatientExport", "patient_export", headers=CONTENT_TAG),
            **NOT_MODIFIED,
            **problem_responses(401, 403, 404, 406, 422, 429, 503),
        },
        openapi_extra={"parameters": [IF_NONE_MATCH]},
    )
    async def export(request: Request, reference: PatientReference) -> Response:
        """Every consultation with its revisions, notes, reviews and receipts, and the audit events about them.

        That it was exported is told by the next export; the ETag, a weak one, leaves exports aside.
        """
        call = await gate.let_in(request, Action.PATIENT_EXPORTED)
        wanted(request, JSON)
        held = await export_patient(service, call, _given_reference(request, reference))
        exported = describe_export(held)
        tag = _tag(exported)
        headers = {"ETag": f"W/{tag}", "Cache-Control": NO_STORE, "Vary": "Accept"}
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(write_export(exported), headers=headers, media_type=JSON)

    @router.delete(
        "/v1/patients/{reference:reference}",
        operation_id="erase_patient",
        summary="Erase a patient, for good",
        status_code=204,
        response_class=Response,
        responses={
            204: {"description": "Erased: nothing that is left can be opened, not from a copy of the database either"},
            **problem_responses(401, 403, 404, 422, 429, 503),
        },
    )
    async def delete(request: Request, reference: PatientReference) -> Response:
        """All that is stored of the patient goes, and the key that it was sealed with. The audit keeps ids only.

        Where the operator has chosen so, notes stay for learning, without identity.
        """
        call = await gate.let_in(request, Action.PATIENT_ERASED)
        await erase(service, call, _given_reference(request, reference))
        return Response(status_code=204)

    return router


def describe_export(held: HeldPatient) -> dict[str, Any]:
    """A `PatientExport`, with what is stored as JSON unchanged inside."""
    return {
        "patient": {"reference": held.reference, "ids": held.patient_ids, "created_at": held.created_at},
        "consultations": [_consultation(each) for each in held.consultations],
        "events": [_event(each) for each in held.events],
    }


def write_export(exported: dict[str, Any]) -> bytes:
    """What `describe_export` gave, as JSON."""
    return orjson.dumps(exported, option=orjson.OPT_UTC_Z)


def _tag(exported: dict[str, Any]) -> str:
    others = [each for each in exported["events"] if each["action"] != Action.PATIENT_EXPORTED]
    return f'"{sha256(write_export(exported | {"events": others})).hexdigest()[:32]}"'


def _consultation(held: HeldConsultation) -> dict[str, Any]:
    return {
        "id": held.consultation_id,
        "created_at": held.created_at,
        "revisions": [
            {
                "revision": each.revision,
                "created_at": each.created_at,
                "consultation": orjson.Fragment(each.body),
                "note": orjson.Fragment(each.note),
            }
            for each in held.revisions
        ],
        "reviews": [
            {
                "id": each.review_id,
                "revision": each.revision,
                "reviewed_at": each.reviewed_at,
                "reviewer": each.reviewer,
                "review": orjson.Fragment(each.review),
            }
            for each in held.reviews
        ],
        "receipts": [
            {"made_at": each.made_at, "revision": each.revision, "review_id": each.review_id} for each in held.receipts
        ],
    }


def _event(held: HeldEvent) -> dict[str, Any]:
    return {
        "id": held.event_id,
        "at": held.at,
        "action": held.action,
        "outcome": held.outcome,
        "actor": {"kind": held.actor_kind, "subject": held.actor},
        "target": held.target,
        "address": held.address,
        "request_id": held.request_id,
        "detail": None if held.detail is None else orjson.Fragment(held.detail),
    }


def _given_reference(request: Request, reference: str) -> str:
    """A reference as it is written in an address.

    InvalidInput when that is not UTF-8, which servers put other characters in place of; NotFound for one that no
    patient can have. No message repeats it.
    """
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode()
    except UnicodeDecodeError:
        allowed = "UTF-8, each byte that cannot stand in an address as % and two hexadecimal digits"
        raise InvalidInput([Fault("/path/reference", "this is not UTF-8", allowed)]) from None
    if not 0 < len(reference) <= _LONGEST:
        raise NotFound("there is no patient with this reference")
    return reference
