from __future__ import annotations

import json
import threading
import time

import pytest
from starlette.types import Receive, Scope, Send

from app.routers.edge import EdgeOptions
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import connected, read_all, served

GET = b"GET /kept HTTP/1.1\r\nHost: clinic.test\r\n"


def code(answer: bytes) -> tuple[int, str]:
    """The status and the problem's code of a raw answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    assert b"x-content-type-options: nosniff" in head.lower()
    return int(head.split()[1]), json.loads(body)["code"]


@pytest.mark.parametrize("sent", [b"G", GET, GET + b"X-Slow: 1", b"\r\n"])
def test_a_head_that_does_not_end_is_closed(sent: bytes) -> None:
    with served(Clinic(EdgeOptions()).app, head_seconds=0.2) as (_, port), connected(port) as connection:
        began = time.monotonic()
        connection.sendall(sent)
        assert code(read_all(connection)) == (408, "request-timeout")
        assert 0.1 < time.monotonic() - began < 5


def test_a_connection_on_which_nothing_is_sent_is_closed_without_a_word() -> None:
    with served(Clinic(EdgeOptions()).app, head_seconds=0.2) as (_, port), connected(port) as connection:
        assert read_all(connection) == b""


def test_a_head_in_drops_is_closed_as_soon_as_one_that_stops() -> None:
    pause = threading.Event()
    with served(Clinic(EdgeOptions()).app, head_seconds=0.3) as (_, port), connected(port) as connection:
        began = time.monotonic()
        connection.sendall(GET)
        try:
            for _ in range(200):
                connection.sendall(b"X: y\r\n")
                pause.wait(0.05)
        except OSError:
            pass
        assert time.monotonic() - began < 5


def test_the_second_head_of_a_connection_has_no_more_time_than_the_first() -> None:
    with served(Clinic(EdgeOptions()).app, head_seconds=0.2) as (_, port), connected(port) as connection:
        connection.sendall(GET + b"\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        connection.sendall(GET)
        connection.sendall(b"X: y\r\n")
        answer = read_all(connection)
        assert answer == b"" or code(answer) == (408, "request-timeout")
        assert time.monotonic() - began < 3


def test_a_body_that_was_answered_unread_does_not_hold_the_connection() -> None:
    pause = threading.Event()
    with served(Clinic(EdgeOptions()).app, head_seconds=0.3) as (_, port), connected(port) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: 1000000\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 404")
        began = time.monotonic()
        try:
            for _ in range(200):
                connection.sendall(b"x")
                pause.wait(0.05)
        except OSError:
            pass
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"X-Large: " + b"x" * 9_000 + b"\r\n\r\n",
        GET + b"".join(b"X-%d: y\r\n" % number for number in range(2_000)) + b"\r\n",
        b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: clinic.test\r\n\r\n",
        GET + b"X-Endless: " + b"x" * 20_000,
    ],
)
def test_a_head_that_is_too_large_is_refused(sent: bytes) -> None:
    with served(Clinic(EdgeOptions()).app, head_bytes=8_192) as (_, port), connected(port) as connection:
        connection.sendall(sent)
        assert code(read_all(connection)) == (431, "head-too-large")


def test_a_large_body_is_not_taken_for_a_large_head() -> None:
    body = b"x" * 300_000
    post = b"POST /notes HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: %d\r\n\r\n" % len(body)
    with served(Clinic(EdgeOptions()).app, head_bytes=8_192) as (_, port), connected(port) as connection:
        connection.sendall((post + body) * 3 + GET + b"Connection: close\r\n\r\n")
        answer = read_all(connection)
    assert answer.count(b"HTTP/1.1 200") == 4


def test_what_is_not_http_is_told_so_in_the_way_of_all_problems() -> None:
    with served(Clinic(EdgeOptions()).app) as (_, port), connected(port) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03MARKER")
        answer = read_all(connection)
    assert code(answer) == (400, "malformed-request")
    assert b"MARKER" not in answer


def test_a_quick_caller_notices_nothing() -> None:
    with served(Clinic(EdgeOptions()).app, head_seconds=0.3) as (_, port), connected(port) as connection:
        pause = threading.Event()
        for _ in range(4):
            connection.sendall(GET + b"\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            pause.wait(0.1)


CHUNKED = b"POST /any HTTP/1.1\r\nHost: clinic.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"


async def say_names(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the names of the header fields, once the body is there."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        continue
    names = b" ".join(name for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(names))]})
    await send({"type": "http.response.body", "body": names})


def test_what_follows_a_body_is_no_header_field() -> None:
    with served(say_names, head_seconds=1) as (_, port), connected(port) as connection:
        connection.sendall(CHUNKED + b"Authorization: Bearer st_north\r\nX-Request-ID: MRN-1042\r\n\r\n")
        _, _, names = connection.recv(65_536).partition(b"\r\n\r\n")
        assert names == b"host transfer-encoding"
        connection.sendall(GET + b"X-Next: 1\r\n\r\n")
        assert connection.recv(65_536).endswith(b"host x-next")


def test_what_follows_a_body_without_end_is_not_taken() -> None:
    field = b"X-More: " + b"y" * 1_000 + b"\r\n"
    with served(say_names, head_seconds=5) as (_, port), connected(port) as connection:
        connection.sendall(CHUNKED)
        taken = 0
        try:
            while taken < 50_000_000:
                connection.sendall(field * 30)
                taken += len(field) * 30
        except OSError:
            pass
        # What the two sockets hold between them comes on top of the limit.
        assert taken < 20_000_000
