"""What surrounds every request: its id, headers, limits, log line, metrics and, if wanted, its trace.

`surround(app, options, metrics)` is called once, after `install_problems`.
"""

from app.routers.edge.headers import page_policy
from app.routers.edge.heads import head_protocol
from app.routers.edge.limits import FailureLimiter, RateLimiter
from app.routers.edge.logs import configure_logging
from app.routers.edge.metrics import DatabaseLoad, Metrics
from app.routers.edge.options import EdgeOptions, Tracing
from app.routers.edge.surround import surround
from app.routers.edge.telemetry import start_tracing

__all__ = [
    "DatabaseLoad",
    "EdgeOptions",
    "FailureLimiter",
    "Metrics",
    "RateLimiter",
    "Tracing",
    "configure_logging",
    "head_protocol",
    "page_policy",
    "start_tracing",
    "surround",
]
