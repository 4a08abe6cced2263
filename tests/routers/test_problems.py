from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope
from starlette.types import Send as AsgiSend

from app import errors
from app.routers.described.problem_schema import Problem, problem_responses
from app.routers.edge.logs import describe_failure
from app.routers.guard import Guard
from app.routers.problems import install_problems, unexpected_problem
from app.services.service import Service

Send = Callable[..., httpx.Response]

PATIENT = "MRN-1042"
RAISED: dict[str, Exception] = {
    "malformed": errors.MalformedBody("not JSON at line 1"),
    "invalid": errors.InvalidInput([errors.Fault("/a", "wrong", "right"), errors.Fault("/b", "null", "none")]),
    "large": errors.BodyTooLarge("too many bytes"),
    "media": errors.UnsupportedMediaType("send JSON"),
    "cursor": errors.InvalidCursor("not a cursor"),
    "missing": errors.NotFound("no consultation has this id"),
    "blind": errors.PreconditionRequired("send If-Match"),
    "stale": errors.StaleRevision("revision 2 is the newest", current=2),
    "reused": errors.IdempotencyKeyReused("another request had this key"),
    "running": errors.RequestRunning("the first request is still at work"),
    "unknown": errors.Unauthenticated("say who is calling"),
    "forbidden": errors.Forbidden("another scope is needed"),
    "slow": errors.RequestTimeout("the body did not arrive"),
    "busy": errors.TooManyRequests("too many requests", 17),
    "store": errors.StoreUnavailable("the database did not answer"),
    "keys": errors.KeysMissing("a master key is gone"),
    "issuer": errors.IssuerUnavailable("the issuer did not answer"),
    "rulebook": errors.RulebookRefused([]),
    "bug": ValueError(PATIENT),
    "teapot": HTTPException(418, "short and stout"),
    "odd": HTTPException(499),
    "unmodified": HTTPException(304),
    "gone": ClientDisconnect(),
}


class FailingLayer:
    """A middleware that fails for one path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:
        if scope.get("path") == "/layer":
            raise KeyError(PATIENT)
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def app(idle_service: Service) -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/v1")

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.get("/raise-from")
    async def fail_twice() -> None:
        raise ValueError(PATIENT) from KeyError(PATIENT)

    @router.get("/things", responses=problem_responses(422, 503))
    async def read_things(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> dict[str, int]:
        return {"limit": limit}

    @router.post("/things", responses=problem_responses(422))
    async def make_thing() -> None: ...

    @router.get("/things/{number}")
    async def read_thing(number: int) -> None: ...

    app.include_router(router)
    app.add_middleware(FailingLayer)
    install_problems(app, idle_service)
    return app


def problem_of(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check what all problems have in common and return the members."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    Problem.model_validate(problem)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:spine-triage:problem:{code}"
    return problem


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("malformed", 400, "malformed-body"),
        ("invalid", 422, "invalid-input"),
        ("large", 413, "body-too-large"),
        ("media", 415, "unsupported-media-type"),
        ("cursor", 422, "invalid-cursor"),
        ("missing", 404, "not-found"),
        ("blind", 428, "precondition-required"),
        ("stale", 412, "stale-revision"),
        ("reused", 422, "idempotency-key-reused"),
        ("running", 409, "request-running"),
        ("unknown", 401, "unauthenticated"),
        ("forbidden", 403, "forbidden"),
        ("slow", 408, "request-timeout"),
        ("busy", 429, "too-many-requests"),
        ("store", 503, "store-unavailable"),
        ("keys", 503, "keys-missing"),
        ("issuer", 503, "issuer-unavailable"),
        ("rulebook", 500, "internal-error"),
        ("bug", 500, "internal-error"),
        ("teapot", 418, "im-a-teapot"),
        ("odd", 499, "error"),
    ],
)
def test_every_error_has_its_status_and_code(app: FastAPI, send: Send, name: str, status: int, code: str) -> None:
    problem_of(send(app, "GET", f"/raise/{name}"), status, code)


def test_invalid_input_lists_every_fault(app: FastAPI, send: Send) -> None:
    assert problem_of(send(app, "GET", "/raise/invalid"), 422, "invalid-input")["errors"] == [
        {"pointer": "/a", "problem": "wrong", "allowed": "right"},
        {"pointer": "/b", "problem": "null", "allowed": "none"},
    ]


def test_a_stale_revision_names_the_newest(app: FastAPI, send: Send) -> None:
    assert problem_of(send(app, "GET", "/raise/stale"), 412, "stale-revision")["current"] == 2


@pytest.mark.parametrize(("name", "seconds"), [("store", "5"), ("keys", "5"), ("running", "1"), ("busy", "17")])
def test_who_may_come_back_is_told_when(app: FastAPI, send: Send, name: str, seconds: str) -> None:
    assert send(app, "GET", f"/raise/{name}").headers["retry-after"] == seconds


@pytest.mark.parametrize(
    ("name", "challenge"), [("unknown", "Bearer"), ("forbidden", 'Bearer error="insufficient_scope"')]
)
def test_a_caller_is_told_which_credentials_count(app: FastAPI, send: Send, name: str, challenge: str) -> None:
    assert send(app, "GET", f"/raise/{name}").headers["www-authenticate"] == challenge


def test_an_answer_that_is_no_error_stays_one(app: FastAPI, send: Send) -> None:
    response = send(app, "GET", "/raise/unmodified")
    assert (response.status_code, response.content) == (304, b"")


def test_a_caller_who_hangs_up_is_no_incident(app: FastAPI, send: Send, caplog: pytest.LogCaptureFixture) -> None:
    problem_of(send(app, "GET", "/raise/gone"), 400, "malformed-body")
    assert [record for record in caplog.records if record.name.startswith("spine_triage")] == []


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/raise/bug", ["builtins.ValueError"]),
        ("/raise-from", ["builtins.ValueError", "builtins.KeyError"]),
        ("/layer", ["builtins.KeyError"]),
    ],
)
def test_an_unexpected_error_shows_nothing_and_logs_no_values(
    app: FastAPI, send: Send, caplog: pytest.LogCaptureFixture, path: str, kinds: list[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = send(app, "GET", f"{path}?patient={PATIENT}")
    incident = problem_of(response, 500, "internal-error")["instance"].removeprefix("urn:uuid:")
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    (entry,) = [record for record in ours if record.getMessage() == f"incident {incident}"]
    assert entry.exc_info is not None
    assert isinstance(entry.exc_info[1], Exception)
    written = describe_failure(entry.exc_info[1])
    assert written[0] == kinds[0]
    assert all(kind in written for kind in kinds)
    assert "test_problems.py" in str(written)
    assert PATIENT not in response.text + str(written)
    assert not any(PATIENT in record.getMessage() for record in ours)


def test_an_error_amid_an_answer_is_logged_and_adds_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []
    begun: Message = {"type": "http.response.start", "status": 200, "headers": []}

    async def fail_midway(_: Scope, __: Receive, send: AsgiSend) -> None:
        await send(begun)
        raise ValueError(PATIENT)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    guard = Guard(fail_midway, answer=unexpected_problem)
    asyncio.run(guard({"type": "http", "method": "GET"}, receive, send))
    assert sent == [begun]
    (record,) = caplog.records
    assert record.getMessage().startswith("incident ")
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


def test_an_unknown_address_is_a_problem(app: FastAPI, send: Send) -> None:
    for path in ("/", "/v1/nothing", "/v1/things/1/2", "/%00", "/%ff"):
        problem_of(send(app, "GET", path), 404, "not-found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_a_problem_that_names_all_that_are_possible(app: FastAPI, send: Send, method: str) -> None:
    response = send(app, method, "/v1/things")
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"


def test_head_answers_as_get_does_without_a_body(app: FastAPI, send: Send) -> None:
    for path, status in (("/v1/things", 200), ("/v1/things?limit=0", 422), ("/nothing", 404), ("/layer", 500)):
        head, get = send(app, "HEAD", path), send(app, "GET", path)
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
        assert get.content


def test_a_parameter_is_refused_with_its_place_and_what_is_allowed(app: FastAPI, send: Send) -> None:
    def fault_of(path: str) -> dict[str, str]:
        (fault,) = problem_of(send(app, "GET", path), 422, "invalid-input")["errors"]
        return dict(fault)

    assert fault_of("/v1/things?limit=0") == {
        "pointer": "/query/limit",
        "problem": "this text is too small",
        "allowed": "at least 1",
    }
    assert fault_of("/v1/things?limit=ten") == {
        "pointer": "/query/limit",
        "problem": "this text is not a whole number",
        "allowed": "a whole number",
    }
    assert fault_of("/v1/things/one")["pointer"] == "/path/number"


def test_openapi_describes_problems_by_their_media_type(app: FastAPI, send: Send) -> None:
    document = send(app, "GET", "/openapi.json").json()
    responses = document["paths"]["/v1/things"]["get"]["responses"]
    assert set(responses) == {"200", "422", "503", "default"}
    for status in ("422", "503", "default"):
        assert responses[status]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    assert {"code", "detail", "errors"} <= set(document["components"]["schemas"]["Problem"]["properties"])
    assert "ProblemFault" in document["components"]["schemas"]
    assert app.openapi() == document
