from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from app.routers.body import MERGE_PATCH, read_json
from app.routers.problems import install_problems
from app.services.service import Service

LIMIT = 1_000
JSON = {"content-type": "application/json"}

Send = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def app(idle_service: Service) -> FastAPI:
    app = FastAPI()

    @app.post("/echo")
    async def echo(request: Request) -> Any:
        return {"read": await read_json(request, limit=LIMIT)}

    @app.patch("/echo")
    async def change(request: Request) -> Any:
        return {"read": await read_json(request, limit=LIMIT, accepts=MERGE_PATCH)}

    install_problems(app, idle_service)
    return app


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json ; version=1",
    ],
)
def test_json_in_utf8_is_read(app: FastAPI, send: Send, content_type: str) -> None:
    response = send(app, "POST", "/echo", content='{"name": "Ünal"}'.encode(), headers={"content-type": content_type})
    assert response.json() == {"read": {"name": "Ünal"}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset*=x''utf-8"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/merge-patch+json"},
        JSON | {"content-encoding": "gzip"},
    ],
)
def test_another_media_type_is_refused(app: FastAPI, send: Send, headers: dict[str, str]) -> None:
    assert_problem(send(app, "POST", "/echo", content=b"{}", headers=headers), 415, "unsupported-media-type")


def test_two_content_types_are_refused(app: FastAPI, send: Send) -> None:
    headers = [("content-type", "application/json"), ("content-type", "text/plain")]
    assert_problem(send(app, "POST", "/echo", content=b"{}", headers=headers), 415, "unsupported-media-type")


def test_a_change_is_a_merge_patch(app: FastAPI, send: Send) -> None:
    response = send(
        app, "PATCH", "/echo", content=b'{"a": null}', headers={"content-type": "application/merge-patch+json"}
    )
    assert response.json() == {"read": {"a": None}}


def test_a_change_as_plain_json_is_refused_and_told_what_would_be_read(app: FastAPI, send: Send) -> None:
    response = send(app, "PATCH", "/echo", content=b'{"a": null}', headers=JSON)
    assert_problem(response, 415, "unsupported-media-type")
    assert response.headers["accept-patch"] == "application/merge-patch+json"


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
def test_a_body_up_to_the_limit_is_read(app: FastAPI, send: Send, size: int) -> None:
    text = "x" * (size - 2)
    assert send(app, "POST", "/echo", content=f'"{text}"', headers=JSON).json() == {"read": text}


def test_a_body_that_announces_too_much_is_refused_unread(app: FastAPI, send: Send) -> None:
    chunks_read = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal chunks_read
        chunks_read += 1
        yield b"{}"

    for announced in (str(LIMIT + 1), "9" * 5_000):
        headers = JSON | {"content-length": announced}
        assert_problem(send(app, "POST", "/echo", content=counted(), headers=headers), 413, "body-too-large")
    assert chunks_read == 0


@pytest.mark.parametrize("claim", [{}, {"content-length": "10"}])
def test_a_body_that_turns_out_too_long_is_read_no_further(app: FastAPI, send: Send, claim: dict[str, str]) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            assert sent <= LIMIT + 200
            yield b" " * 100

    assert_problem(send(app, "POST", "/echo", content=endless(), headers=JSON | claim), 413, "body-too-large")


def test_what_is_not_json_and_what_json_must_not_contain_have_codes_of_their_own(app: FastAPI, send: Send) -> None:
    assert_problem(send(app, "POST", "/echo", content=b"{", headers=JSON), 400, "malformed-body")
    assert_problem(send(app, "POST", "/echo", content=b"", headers=JSON), 400, "malformed-body")
    response = send(app, "POST", "/echo", content=b'{"a": [NaN], "b": 1, "b": 2}', headers=JSON)
    assert_problem(response, 422, "invalid-input")
    assert {fault["pointer"] for fault in response.json()["errors"]} == {"/a/0", "/b"}


@given(
    body=st.binary(max_size=60) | st.text('{}[]",:\\u0123dNaIE+-. \x00é', max_size=60).map(str.encode),
    content_type=st.just(b"application/json")
    | st.text("aplictonj/;= charsetu\"'*-8\x00é", max_size=40).map(lambda text: text.encode()),
)
def test_no_bytes_make_the_service_fail(app: FastAPI, send: Send, body: bytes, content_type: bytes) -> None:
    response = send(app, "POST", "/echo", content=body, headers=[(b"content-type", content_type)])
    if response.status_code == 200:
        assert "read" in response.json()
    else:
        assert response.status_code in (400, 415, 422)
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code
