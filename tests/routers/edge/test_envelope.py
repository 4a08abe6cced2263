from __future__ import annotations

import re

import pytest

from app.routers.edge import EdgeOptions
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import Lines, asked

GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("given", ["0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11", "0AF7651916CD43DD", "a" * 64])
def test_a_request_keeps_the_id_that_it_came_with(given: str) -> None:
    answer = asked(Clinic(EdgeOptions()).app, "GET", "/healthz", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "a" * 15, "a" * 65, "MRN-1042-Jane.Doe", "a b" * 8, "ä" * 16, "{}" * 8])
def test_a_request_without_a_usable_id_gets_one(given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given.encode()}
    app = Clinic(EdgeOptions()).app
    ids = {asked(app, "GET", "/healthz", headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", found) for found in ids)


def test_a_request_is_logged_once_with_its_route_its_caller_and_how_it_went(lines: Lines) -> None:
    asked(Clinic(EdgeOptions()).app, "GET", "/patients/MRN-1042?x=1", headers={"X-Request-ID": GIVEN})
    (line,) = (line for line in lines() if line["event"] == "request")
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "spine_triage.request",
        "event": "request",
        "request_id": GIVEN,
        "method": "GET",
        "route": "/patients/{reference}",
        "status": 200,
        "bytes": 2,
        "clinic": "st-anna",
        "caller": "api_key",
        "subject": "abc234",
        "outcome": "answered",
    }


def test_what_guard_answers_is_logged_counted_and_dressed_like_everything_else(lines: Lines) -> None:
    clinic = Clinic(EdgeOptions())
    answer = asked(clinic.app, "GET", "/broken/x", headers={"X-Request-ID": GIVEN})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, GIVEN)
    assert answer.headers["cache-control"] == "no-store"
    incident, request = lines()[-2:]
    assert (incident["logger"], incident["request_id"]) == ("spine_triage.http", GIVEN)
    assert (request["status"], request["outcome"], request["route"]) == (500, "internal-error", "/broken/{what}")
    assert b'requests_total{method="GET",route="/broken/{what}",status="500"} 1.0' in clinic.metrics.render()[0]


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/nowhere/MRN-1042", "(none)", 404),
        ("HEAD", "/patients/MRN-1042", "/patients/{reference}", 200),
        ("DELETE", "/patients/MRN-1042", "/patients/{reference}", 405),
        ("MRN1042", "/notes", "/notes", 405),
    ],
)
def test_an_address_is_named_by_its_template(method: str, path: str, route: str, status: int, lines: Lines) -> None:
    clinic = Clinic(EdgeOptions())
    assert asked(clinic.app, method, path).status_code == status
    named = method if method != "MRN1042" else "other"
    assert (lines()[-1]["method"], lines()[-1]["route"], lines()[-1]["status"]) == (named, route, status)
    figures = clinic.metrics.render()[0].decode()
    assert f'requests_total{{method="{named}",route="{route}",status="{status}"}} 1.0' in figures
    assert "MRN" not in figures


def test_who_only_looks_whether_the_service_is_up_does_not_fill_the_log(lines: Lines) -> None:
    asked(Clinic(EdgeOptions()).app, "GET", "/healthz")
    assert [line["level"] for line in lines() if line["event"] == "request"] == ["debug"]


def test_without_configured_logs_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(Clinic(EdgeOptions()).app, "GET", "/kept").status_code == 200
    assert capfd.readouterr() == ("", "")
