"""What a caller sends is found nowhere in what the edge writes."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.routers.edge import EdgeOptions
from app.routers.edge.spans import Spans
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import Lines, asked, connected, read_all, served

PLACES = ("path", "query", "name", "value", "body", "raised", "trace", "method", "id")
MARKERS = {place: f"Marker{place}1042" for place in PLACES}
HEADERS = {
    MARKERS["name"]: MARKERS["value"],
    "Authorization": f"Bearer {MARKERS['value']}",
    "Cookie": MARKERS["value"],
    "Idempotency-Key": MARKERS["value"],
    "traceparent": MARKERS["trace"],
    "tracestate": f"a={MARKERS['trace']}",
    "baggage": f"a={MARKERS['trace']}",
    "X-Request-ID": f"{MARKERS['id']}!",
}


def test_nothing_that_a_caller_sent_is_in_logs_metrics_or_spans(
    lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(exporter, "1")
    clinic = Clinic(EdgeOptions(tracing=spans, body_seconds=0.2))
    query = {"reference": MARKERS["query"]}
    for method, path in (
        ("GET", f"/patients/{MARKERS['path']}"),
        ("HEAD", f"/patients/{MARKERS['path']}"),
        ("DELETE", f"/patients/{MARKERS['path']}"),
        ("GET", f"/{MARKERS['path']}/nowhere"),
        ("GET", f"/broken/{MARKERS['raised']}"),
        ("POST", "/notes"),
        (MARKERS["method"], "/notes"),
    ):
        asked(clinic.app, method, path, headers=HEADERS, params=query, content=MARKERS["body"].encode())
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    with served(clinic.app, head_bytes=4_096, head_seconds=0.2) as (_, port):
        for raw in (
            f"POST /notes?a={MARKERS['query']} HTTP/1.1\r\n{head}Content-Length: 99\r\n\r\n{MARKERS['body']}",
            f"GET /{MARKERS['path']} HTTP/1.1\r\n{head}",
            f"GET /{MARKERS['path']} HTTP/9\r\n{head}\r\n",
            f"{MARKERS['method']} / HTTP/1.1\r\n{head}\r\n",
            f"GET /broken/{MARKERS['raised']} HTTP/1.1\r\n{head}Connection: close\r\n\r\n",
            f"GET /{MARKERS['path'] * 500} HTTP/1.1\r\n{head}\r\n",
            f"GET /kept HTTP/1.1\r\n{head}Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n",
        ):
            with connected(port) as connection:
                connection.sendall(raw.encode())
                assert read_all(connection).startswith(b"HTTP/1.1 ")
    spans.shutdown()
    told = [line for line in lines() if line["event"] == "request"]
    assert len(told) == 10
    assert len(exporter.get_finished_spans()) == 10
    written = {
        "logs": str(lines()),
        "metrics": clinic.metrics.render()[0].decode(),
        "spans": "".join(span.to_json() for span in exporter.get_finished_spans()),
        "output": "".join(capfd.readouterr()),
    }
    found = [
        (where, marker)
        for where, text in written.items()
        for marker in MARKERS.values()
        if marker.lower() in text.lower()
    ]
    assert found == []
