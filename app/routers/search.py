"""Lists of consultations, by what their newest notes say."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.access import Action
from app.errors import Fault, InvalidInput
from app.routers.accept import JSON, wanted
from app.routers.consultations import address_of
from app.routers.described.documented import answer
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.moments import Moment, read_moment
from app.routers.query import query_parameters, read_query
from app.services.search import search
from app.services.service import Service
from app.store import Filter, Page
from app.store import Listed as StoredListed
from app.triage.note.schema import UrgencyName

_PATH = "/v1/consultations"


def _check_reference(text: str) -> str:
    if "\x00" not in text:
        return text
    raise PydanticCustomError("reference", "the text contains a NUL character", {"allowed": "text of whole characters"})


# Patterns are for programs that read the OpenAPI document; people who write something else are told in words.
_Reference = Annotated[
    str,
    AfterValidator(_check_reference),
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": r"^[^\x00]*$"}),
]


class SearchQuery(BaseModel):
    """What to list. Everything that is given must hold of a consultation's newest revision and its note."""

    model_config = ConfigDict(extra="forbid")

    patient_reference: _Reference | None = Field(default=None, description="The caller's own reference, exactly")
    patient: UUID | None = Field(default=None, description="The id of a patient here, as the links of a list have it")
    urgency_at_least: UrgencyName | None = Field(
        default=None, description="Notes whose `urgency.at_least` is this or more urgent"
    )
    settled: Literal["true", "false"] | None = Field(
        default=None, description="Whether nothing that is unknown could raise the urgency"
    )
    category: str | None = Field(
        default=None, max_length=64, description="Notes that speak of this category; with `status`, in that status"
    )
    status: (
        Literal["discussable", "discussable_with_uncertainty", "needs_information", "deferred", "suppressed"] | None
    ) = Field(default=None, description="Notes that have a category in this status")
    created_from: Moment | None = Field(
        default=None, description="First stored on this day (by the clinic's calendar) or at this moment, or later"
    )
    created_to: Moment | None = Field(
        default=None, description="First stored on this day or earlier, or before this moment"
    )
    limit: int = Field(default=50, ge=1, le=200, description="Consultations on a page")
    cursor: str | None = Field(default=None, max_length=200, description="From `links.next`; start without one")


def search_router(service: Service, gate: Gate) -> APIRouter:
    """GET /v1/consultations."""
    router = APIRouter(tags=["consultations"])

    @router.get(
        _PATH,
        operation_id="list_consultations",
        summary="List consultations, newest first",
        response_class=Response,
        responses={
            200: answer("A page of the list", "ConsultationPage", "page"),
            **problem_responses(401, 403, 406, 422, 429, 503),
        },
        openapi_extra={"parameters": query_parameters(SearchQuery)},
    )
    async def get(request: Request) -> Response:
        """Pages neither skip nor repeat while consultations are added. A parameter that does not exist is refused."""
        call = await gate.let_in(request, Action.CONSULTATIONS_LISTED)
        wanted(request, JSON)
        query = read_query(request, SearchQuery)
        found = await search(service, call, _filter(query, service), query.cursor, query.limit)
        page = list_page(
            found, query.model_dump(exclude_none=True, exclude={"cursor"}, exclude_unset=True), query.cursor
        )
        return Response(orjson.dumps(page, option=orjson.OPT_UTC_Z), media_type=JSON)

    return router


def list_page(found: Page, asked: dict[str, Any], cursor: str | None) -> dict[str, Any]:
    """A `ConsultationPage`, with links that ask the same again.

    A link names the patient by our own id: addresses end up in other programs' logs, where no reference belongs.
    """
    if asked.pop("patient_reference", None) is not None:
        if found.patient_id is None:
            return {"consultations": [], "links": {}}
        asked["patient"] = found.patient_id
    links = {"self": _address(asked | ({} if cursor is None else {"cursor": cursor}))}
    if found.next_cursor is not None:
        links["next"] = _address(asked | {"cursor": found.next_cursor})
    return {"consultations": [_listed(each) for each in found.consultations], "links": links}


def _listed(stored: StoredListed) -> dict[str, Any]:
    here = address_of(stored.consultation_id)
    return {
        "id": stored.consultation_id,
        "revision": stored.revision,
        "patient_reference": stored.patient_reference,
        "created_at": stored.created_at,
        "revised_at": stored.revised_at,
        "made_on": stored.made_on,
        "headline": stored.headline,
        "urgency": {"at_least": stored.urgency_at_least, "at_most": stored.urgency_at_most, "settled": stored.settled},
        "links": {"self": here, "note": f"{here}/notes/{stored.revision}"},
    }


def _filter(query: SearchQuery, service: Service) -> Filter:
    """What the store is asked for. InvalidInput for a category or a day that does not exist."""
    faults: list[Fault] = []
    created_from = read_moment("created_from", query.created_from, service.now().tzinfo, faults)
    created_before = read_moment("created_to", query.created_to, service.now().tzinfo, faults, whole_day=True)
    if query.category is not None:
        faults += _category_faults(query.category, service.triage.rulebook.categories)
    if faults:
        raise InvalidInput(faults)
    return Filter(
        patient_reference=query.patient_reference,
        patient_id=None if query.patient is None else str(query.patient),
        urgency_at_least=query.urgency_at_least,
        settled=None if query.settled is None else query.settled == "true",
        category=query.category,
        status=query.status,
        created_from=created_from,
        created_before=created_before,
    )


def _category_faults(category: str, known: Iterable[str]) -> list[Fault]:
    if category in known:
        return []
    close = get_close_matches(category, known, n=1)
    allowed = f"did you mean {close[0]}?" if close else "a category of GET /v1/rulebook/categories"
    return [Fault("/query/category", "the rulebook has no such category", allowed)]


def _address(asked: dict[str, Any]) -> str:
    return f"{_PATH}?{urlencode(asked)}" if asked else _PATH
