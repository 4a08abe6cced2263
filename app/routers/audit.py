"""The audit, for those who may read it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated, Any, LiteralString
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.access import Action
from app.errors import Fault, InvalidInput
from app.routers.accept import JSON, wanted
from app.routers.described.documented import answer
from app.routers.described.problem_schema import problem_responses
from app.routers.gate import Gate
from app.routers.moments import Moment, read_moment
from app.routers.query import query_parameters, read_query
from app.services.audit.reading import read_audit
from app.services.service import Service
from app.store.audit import AuditEntry, AuditFilter, AuditPage

_PATH = "/v1/audit"
_ACTIONS = sorted(Action)
_TARGET = r"[a-z_]{1,32}(/[0-9A-Za-z-]{1,64}){1,6}"
_OUTCOME = r"[a-z-]{1,64}"
_ACTOR = r"[^\x00-\x1f\x7f]{1,200}"


def _check_action(text: str) -> str:
    if text in _ACTIONS:
        return text
    close = get_close_matches(text, _ACTIONS, n=1)
    allowed = f"did you mean {close[0]}?" if close else f"one of {', '.join(_ACTIONS)}"
    raise PydanticCustomError("action", "there is no such action", {"allowed": allowed})


def _matches(pattern: str, problem: LiteralString, allowed: str) -> AfterValidator:
    """Refuses, in words, what is not of the pattern."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise PydanticCustomError("pattern", problem, {"allowed": allowed})

    return AfterValidator(check)


# Patterns are for programs that read the OpenAPI document; people who write something else are told in words.
_Target = Annotated[
    str,
    _matches(_TARGET, "this cannot be a record", "a path of ids, such as consultations/<id> or keys/<id>"),
    Field(json_schema_extra={"pattern": f"^{_TARGET}$"}),
]
_Actor = Annotated[
    str,
    _matches(_ACTOR, "this cannot be somebody's id", "1 to 200 printable characters"),
    Field(json_schema_extra={"pattern": f"^{_ACTOR}$"}),
]
_Outcome = Annotated[
    str,
    _matches(_OUTCOME, "this cannot be an outcome", "done, or the code of a problem, such as not-found"),
    Field(json_schema_extra={"pattern": f"^{_OUTCOME}$"}),
]


class AuditQuery(BaseModel):
    """Which events. Everything that is given must hold of an event."""

    model_config = ConfigDict(extra="forbid")

    target: _Target | None = Field(default=None, description="A record, with all that is below it")
    actor: _Actor | None = Field(default=None, description="A key's id, a person's `sub`, or an operator's name")
    action: Annotated[str, AfterValidator(_check_action)] | None = Field(
        default=None, description="What was done", json_schema_extra={"enum": [*_ACTIONS]}
    )
    outcome: _Outcome | None = Field(default=None, description="`done`, or what else came of it")
    at_from: Moment | None = Field(
        default=None, alias="from", description="On this day (by the clinic's calendar) or at this moment, or later"
    )
    at_to: Moment | None = Field(default=None, alias="to", description="On this day or earlier, or before this moment")
    limit: int = Field(default=50, ge=1, le=200, description="Events on a page")
    cursor: str | None = Field(default=None, max_length=200, description="From `links.next`; start without one")


def audit_router(service: Service, gate: Gate) -> APIRouter:
    """GET /v1/audit."""
    router = APIRouter(tags=["audit"])

    @router.get(
        _PATH,
        operation_id="read_audit",
        summary="Who did what to which record, newest first",
        response_class=Response,
        responses={
            200: answer("A page of the audit", "AuditList", "audit"),
            **problem_responses(401, 403, 406, 422, 429, 503),
        },
        openapi_extra={"parameters": query_parameters(AuditQuery)},
    )
    async def get(request: Request) -> Response:
        """Reading is itself audited. Pages neither skip nor repeat while events are added."""
        call = await gate.let_in(request, Action.AUDIT_READ)
        wanted(request, JSON)
        query = read_query(request, AuditQuery)
        asked_for = _filter(query, service)
        found = await read_audit(service.database, call, asked_for, service.now, limit=query.limit, cursor=query.cursor)
        asked = query.model_dump(by_alias=True, exclude_none=True, exclude={"cursor"}, exclude_unset=True)
        page = audit_list(found, asked, query.cursor)
        return Response(orjson.dumps(page, option=orjson.OPT_UTC_Z), media_type=JSON)

    return router


def audit_list(found: AuditPage, asked: dict[str, Any], cursor: str | None) -> dict[str, Any]:
    """An `AuditList`, with links that ask the same again."""
    links = {"self": _address(asked | ({} if cursor is None else {"cursor": cursor}))}
    if found.next_cursor is not None:
        links["next"] = _address(asked | {"cursor": found.next_cursor})
    return {"events": [_event(each) for each in found.events], "links": links}


def _event(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.event_id,
        "at": entry.at,
        "actor": {"kind": entry.actor_kind, "id": entry.actor},
        "action": entry.action,
        "target": entry.target,
        "outcome": entry.outcome,
        "address": entry.address,
        "request_id": entry.request_id,
        "detail": entry.detail,
        "seal": entry.seal,
    }


def _filter(query: AuditQuery, service: Service) -> AuditFilter:
    """What the store is asked for. InvalidInput for a day that does not exist."""
    faults: list[Fault] = []
    zone = service.now().tzinfo
    at_from = read_moment("from", query.at_from, zone, faults)
    at_before = read_moment("to", query.at_to, zone, faults, whole_day=True)
    if faults:
        raise InvalidInput(faults)
    return AuditFilter(
        target=query.target,
        actor=query.actor,
        action=query.action,
        outcome=query.outcome,
        at_from=at_from,
        at_before=at_before,
    )


def _address(asked: dict[str, Any]) -> str:
    return f"{_PATH}?{urlencode(asked)}" if asked else _PATH
