"""What Prometheus may know: how much, how fast, how urgent and which rules; nothing of who, and no clinic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import prometheus_client as prometheus
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from app.triage.note.statements import statements_of

_NAMESPACE = "spine_triage"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_RATIOS = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True, slots=True)
class DatabaseLoad:
    """Connections in use and idle, units of work waiting for one, and those queued for the one writer of SQLite."""

    in_use: int = 0
    idle: int = 0
    waiting: int = 0
    queued: int = 0


class Metrics:
    """One service's figures, in a registry of their own. All names begin with `spine_triage_`.

    Args:
        build: labels of `build_info`, such as the versions of the service and of its rulebook.
        database_load: asked at each scrape; must neither wait nor fail.
    """

    def __init__(self, build: Mapping[str, str], database_load: Callable[[], DatabaseLoad] | None = None) -> None:
        self.in_flight = 0
        self._fired: Counter[str] = Counter()
        registry = self._registry = prometheus.CollectorRegistry()
        requests = prometheus.Counter(
            "requests", "Requests answered", ["method", "route", "status"], _NAMESPACE, registry=registry
        )
        seconds = prometheus.Histogram(
            "request_seconds",
            "From the end of a request's head to the end of its answer",
            ["method", "route"],
            _NAMESPACE,
            registry=registry,
            buckets=_SECONDS,
        )
        # Looking up a labelled figure takes longer than counting it.
        self._requests_of, self._seconds_of = cache(requests.labels), cache(seconds.labels)
        self._notes = prometheus.Counter(
            "notes", "Notes made", ["urgency_at_least", "urgency_at_most", "settled"], _NAMESPACE, registry=registry
        )
        self._undecided = prometheus.Histogram(
            "note_undecided_ratio",
            "Share of the rules that a note shows which are undecided: open red flags and uncertain reasons",
            namespace=_NAMESPACE,
            registry=registry,
            buckets=_RATIOS,
        )
        prometheus.Info("build", "What is running", namespace=_NAMESPACE, registry=registry).info(dict(build))
        prometheus.ProcessCollector(_NAMESPACE, registry=registry)
        registry.register(_Collected(self._read_counts))
        if database_load:
            registry.register(_Collected(lambda: _read_load(database_load())))

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer. Of methods and routes (see `Passage`) there are few; `status` is 0 when there was none."""
        self._requests_of(method, route, status).inc()
        self._seconds_of(method, route).observe(seconds)

    def observe_note(self, note: Mapping[str, Any]) -> None:
        """Count a note that was made: its urgency, the rules that are true in it, and how much of it is undecided."""
        urgency = note["urgency"]
        settled = "yes" if urgency["settled"] else "no"
        self._notes.labels(urgency["at_least"], urgency["at_most"], settled).inc()
        true, undecided = statements_of(note)
        self._fired.update(true)
        if true or undecided:
            self._undecided.observe(len(undecided) / (len(true) + len(undecided)))

    def render(self) -> tuple[bytes, str]:
        """All figures in Prometheus' text format, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _read_counts(self) -> Iterator[Metric]:
        # A note names dozens of rules. A dictionary counts them in a tenth of the time of as many labelled counters.
        fired = CounterMetricFamily(f"{_NAMESPACE}_rules_fired", "Notes in which a rule was true", labels=["rule"])
        for rule, count in self._fired.copy().items():
            fired.add_metric([rule], count)
        yield fired
        yield GaugeMetricFamily(f"{_NAMESPACE}_in_flight", "Requests at work", self.in_flight)


class _Collected(Collector):
    """Figures that are read when they are asked for."""

    def __init__(self, read: Callable[[], Iterator[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        return self._read()


def _read_load(load: DatabaseLoad) -> Iterator[Metric]:
    connections = GaugeMetricFamily(
        f"{_NAMESPACE}_database_connections", "In use, idle, or waited for", labels=["state"]
    )
    for state in ("in_use", "idle", "waiting"):
        connections.add_metric([state], getattr(load, state))
    yield connections
    yield GaugeMetricFamily(f"{_NAMESPACE}_database_writer_queue", "Writes queued for the one writer", load.queued)
