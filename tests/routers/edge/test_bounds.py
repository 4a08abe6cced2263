from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from app.routers.edge import EdgeOptions
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import Lines, asked, connected, read_all, served

POST = b"POST %s HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: %d\r\n\r\n"


def problem(answer: bytes) -> tuple[bytes, dict[str, object]]:
    """The head of a raw answer, and its body read as a problem."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), json.loads(body)


def test_a_body_that_does_not_arrive_is_answered_and_the_connection_closed(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions(body_seconds=0.2))
    with served(clinic.app) as (_, port), connected(port) as connection:
        connection.sendall(POST % (b"/notes", 100) + b"{")
        head, body = problem(read_all(connection))
    assert head.startswith(b"http/1.1 408")
    assert b"\r\nconnection: close" in head
    assert b"\r\nx-request-id: " in head
    assert (body["code"], body["title"]) == ("request-timeout", "The request took too long to arrive")
    (line,) = (line for line in lines() if line["event"] == "request")
    assert (line["status"], line["outcome"], line["route"]) == (408, "request-timeout", "/notes")


def test_a_body_that_arrives_in_drops_has_no_more_time_than_another() -> None:
    stop = threading.Event()
    with served(Clinic(EdgeOptions(body_seconds=0.4)).app) as (_, port), connected(port) as connection:
        connection.sendall(POST % (b"/notes", 1_000))

        def drip() -> None:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b".")
                except OSError:
                    return

        with ThreadPoolExecutor() as pool:
            dripping = pool.submit(drip)
            answer = read_all(connection)
            stop.set()
            dripping.result()
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_path_that_streams_gives_each_piece_its_time_and_the_whole_any(lines: Lines) -> None:
    options = EdgeOptions(body_seconds=0.5, request_seconds=0.2, unhurried=frozenset({"/lines"}))
    pause = threading.Event()
    with served(Clinic(options).app) as (_, port), connected(port) as connection:
        connection.sendall(POST % (b"/lines", 8))
        for _ in range(4):
            pause.wait(0.2)
            connection.sendall(b"ab")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(POST % (b"/lines", 8) + b"ab")
        assert read_all(connection).startswith(b"HTTP/1.1 408")


def test_an_answer_that_takes_too_long_is_a_503_that_says_when_to_come_back() -> None:
    clinic = Clinic(EdgeOptions(request_seconds=0.1))
    answer = asked(clinic.app, "GET", "/wait")
    assert (answer.status_code, answer.json()["code"]) == (503, "answer-timeout")
    assert int(answer.headers["retry-after"]) > 0
    assert "Idempotency-Key" in answer.json()["detail"]


def test_the_time_of_the_body_does_not_run_while_the_application_works() -> None:
    clinic = Clinic(EdgeOptions(body_seconds=0.1, request_seconds=0.6))
    with served(clinic.app) as (_, port), connected(port) as connection:
        began = time.monotonic()
        connection.sendall(b"GET /wait HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: 5\r\n\r\n")
        _, body = problem(connection.recv(65_536))
    assert body["code"] == "answer-timeout"
    assert time.monotonic() - began > 0.5


def test_more_requests_than_allowed_at_once_are_turned_away_but_health_is_not(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions(concurrent=1, request_seconds=3.0))
    with served(clinic.app) as (_, port), ThreadPoolExecutor() as pool:
        base = f"http://127.0.0.1:{port}"
        waiting = pool.submit(httpx.get, f"{base}/wait", trust_env=False)
        assert clinic.work.wait(5)
        refused = httpx.get(f"{base}/kept", trust_env=False)
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) > 0
        assert httpx.head(f"{base}/kept", trust_env=False).status_code == 503
        assert httpx.get(f"{base}/healthz", trust_env=False).status_code == 200
        assert httpx.get(f"{base}/metrics", trust_env=False).status_code == 503
        assert b"spine_triage_in_flight 1.0" in clinic.metrics.render()[0]
        assert waiting.result().status_code == 503
        assert httpx.get(f"{base}/kept", trust_env=False).status_code == 200
        assert b"spine_triage_in_flight 0.0" in clinic.metrics.render()[0]
    refused_for = [line["outcome"] for line in lines() if line.get("status") == 503]
    assert refused_for == ["busy", "refused", "busy", "answer-timeout"]  # a HEAD's problem has no body to tell its code


def test_requests_that_may_last_do_not_take_the_places_of_the_others() -> None:
    clinic = Clinic(EdgeOptions(concurrent=8, unhurried=frozenset({"/wait"})))
    with served(clinic.app) as (_, port), ThreadPoolExecutor() as pool:
        base = f"http://127.0.0.1:{port}"
        waiting = pool.submit(httpx.get, f"{base}/wait", trust_env=False)
        assert clinic.work.wait(5)
        refused = httpx.get(f"{base}/wait", trust_env=False)
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert httpx.get(f"{base}/kept", trust_env=False).status_code == 200
        clinic.release()
        assert waiting.result().status_code == 200
        assert httpx.get(f"{base}/wait", trust_env=False).status_code == 200


def test_an_answer_that_does_not_end_in_time_is_cut_off_so_that_nobody_takes_it_for_whole(lines: Lines) -> None:
    with served(Clinic(EdgeOptions(request_seconds=0.3)).app) as (_, port), connected(port) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: clinic.test\r\n\r\n")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert not answer.endswith(b"0\r\n\r\n")
    (line,) = (line for line in lines() if line["event"] == "request")
    assert (line["outcome"], line["status"]) == ("cut-off", 200)


def test_a_caller_who_leaves_is_no_error_of_ours(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions())
    with served(clinic.app) as (_, port), connected(port) as connection:
        connection.sendall(POST % (b"/lines", 100) + b"{")
        assert clinic.work.wait(5)
        connection.close()
    told = [line for line in lines() if line["event"] == "request"]
    assert [(line["outcome"], line["status"]) for line in told] == [("client-left", 0)]
    assert not [line for line in lines() if line["level"] in ("warning", "error")]


def test_a_service_that_stops_finishes_what_it_has_accepted(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions())
    with served(clinic.app) as (server, port), ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx.get, f"http://127.0.0.1:{port}/wait", trust_env=False)
        assert clinic.work.wait(5)
        server.should_exit = True
        assert _is_refused_soon(port)
        clinic.release()
        assert waiting.result().text == "done"
    assert not [line for line in lines() if line["level"] == "error"]


def test_a_service_that_is_made_to_stop_says_so_of_what_it_broke_off(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions())
    with served(clinic.app, grace=0) as (server, port), ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx.get, f"http://127.0.0.1:{port}/wait", trust_env=False)
        assert clinic.work.wait(5)
        server.should_exit = True
        assert waiting.exception() or waiting.result().status_code >= 500
    (line,) = (line for line in lines() if line["event"] == "request")
    assert line["outcome"] == "unanswered"


def _is_refused_soon(port: int) -> bool:
    try:
        for _ in range(1_000):
            httpx.get(f"http://127.0.0.1:{port}/kept", trust_env=False)
    except httpx.HTTPError:
        return True
    return False
