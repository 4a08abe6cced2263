"""Spans of requests by OpenTelemetry. Imported only when traces are wanted: its SDK is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import Token
from http import HTTPStatus

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.routers.edge.passage import NO_ROUTE

_PROPAGATOR = TraceContextTextMapPropagator()


class Spans:
    """See `Tracing`. The provider is kept here instead of made global, so that no library traces more than is meant."""

    def __init__(self, exporter: SpanExporter, service_version: str) -> None:
        resource = Resource.create({"service.name": "spine-triage", "service.version": service_version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("spine_triage")

    def begin(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> tuple[trace.Span, str, Token[Context]]:
        """Open a span. Of the caller's context only ids are taken: `tracestate` and baggage may hold any text."""
        parent = None
        for name, value in headers:
            if name == b"traceparent":
                parent = _PROPAGATOR.extract({"traceparent": value.decode("latin-1")}, Context())
                break
        span = self._tracer.start_span(
            method, parent, trace.SpanKind.SERVER, {"http.request.method": method}, record_exception=False
        )
        return span, method, context.attach(trace.set_span_in_context(span, parent))

    def end(self, opened: tuple[trace.Span, str, Token[Context]], route: str, status: int) -> None:
        """Name the span by the route and close it."""
        span, method, token = opened
        context.detach(token)
        if route != NO_ROUTE:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        if status:
            span.set_attribute("http.response.status_code", status)
        if not status or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_status(trace.StatusCode.ERROR)
        span.end()

    def shutdown(self) -> None:
        """Send what was not sent yet, and stop."""
        self._provider.shutdown()
