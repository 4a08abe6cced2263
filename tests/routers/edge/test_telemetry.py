from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app.routers.edge import EdgeOptions, start_tracing
from app.routers.edge.spans import Spans
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import asked

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(BaseHTTPRequestHandler):
    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """The address of a collector on this machine, and what it receives."""
    received: list[tuple[str, bytes]] = []
    handler = type("Handler", (Collector,), {"received": received})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def trace(method: str, path: str, **headers: str) -> ReadableSpan:
    """The one span of one request."""
    exporter = InMemorySpanExporter()
    spans = Spans(exporter, "1.2.3")
    asked(Clinic(EdgeOptions(tracing=spans)).app, method, path, headers=headers)
    spans.shutdown()
    (span,) = exporter.get_finished_spans()
    return span


def test_a_request_has_one_span_that_knows_its_route_and_status_and_nothing_else() -> None:
    span = trace("GET", "/patients/MRN-1042?name=Marker")
    assert (span.name, span.kind) == ("GET /patients/{reference}", SpanKind.SERVER)
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/patients/{reference}",
        "http.response.status_code": 200,
    }
    assert span.resource.attributes["service.name"] == "spine-triage"
    assert span.resource.attributes["service.version"] == "1.2.3"
    assert span.events == ()


def test_an_address_without_a_route_is_not_named() -> None:
    span = trace("GET", "/nowhere/MRN-1042")
    assert span.name == "GET"
    assert "http.route" not in (span.attributes or {})


def test_a_failure_marks_its_span_and_says_nothing_of_it() -> None:
    span = trace("GET", "/broken/Marker")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert span.events == ()


def test_a_trace_of_the_caller_goes_on_but_its_texts_do_not() -> None:
    span = trace("GET", "/kept", traceparent=PARENT, tracestate="clinic=Marker", baggage="patient=Marker")
    assert span.parent is not None
    assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == tuple(PARENT.split("-")[1:3])
    assert span.context.trace_id == span.parent.trace_id
    assert "Marker" not in span.to_json()
    assert not span.context.trace_state


@pytest.mark.parametrize("given", ["", "00-0-0-00", "MRN-1042", PARENT.replace("0af7", "0000") + "-x", "ÿ"])
def test_a_traceparent_that_is_none_starts_a_trace_of_its_own(given: str) -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(exporter, "1")
    asked(Clinic(EdgeOptions(tracing=spans)).app, "GET", "/kept", headers={"traceparent": given.encode("latin-1")})
    spans.shutdown()
    assert exporter.get_finished_spans()[0].parent is None


def test_spans_are_sent_to_the_collector_when_tracing_stops_at_the_latest(
    collector: tuple[str, list[tuple[str, bytes]]],
) -> None:
    address, received = collector
    tracing = start_tracing(address, "1.2.3")
    asked(Clinic(EdgeOptions(tracing=tracing)).app, "GET", "/patients/MRN-1042")
    tracing.shutdown()
    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"GET /patients/{reference}" in body
    assert b"MRN-1042" not in body


def test_who_does_not_trace_need_not_have_the_extra_and_does_not_load_it() -> None:
    program = "import sys, app.routers.edge; sys.exit(any(m.startswith('opentelemetry.sdk') for m in sys.modules))"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
