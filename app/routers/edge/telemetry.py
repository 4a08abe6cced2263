"""Traces of requests, for who wants them. They know routes by their templates and nothing of what was asked."""

from __future__ import annotations

from app.errors import InputError
from app.routers.edge.options import Tracing


def start_tracing(endpoint: str, service_version: str) -> Tracing:
    """Send a span of each request to an OpenTelemetry collector until `shutdown()` is called.

    Args:
        endpoint: the collector's URL for OTLP over HTTP, such as http://collector:4318.
        service_version: told with each span.

    InputError when the extra `telemetry` is not installed. OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and the
    like are heeded by the libraries themselves.
    """
    try:
        # Here, because it is an extra: most do not trace, and importing it costs a quarter of a second.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        from app.routers.edge.spans import Spans  # noqa: PLC0415
    except ImportError:
        raise InputError("traces are asked for; install the extra for them: spine-triage[telemetry]") from None
    address = endpoint.rstrip("/")
    if not address.endswith("/v1/traces"):
        address += "/v1/traces"
    return Spans(OTLPSpanExporter(endpoint=address, timeout=5), service_version)
