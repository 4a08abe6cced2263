"""The one place where the layers are put around an application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app.routers.edge.bounds import Bounds
from app.routers.edge.envelope import Envelope
from app.routers.edge.metrics import Metrics
from app.routers.edge.options import EdgeOptions

_METHODS = ("GET", "POST", "PATCH", "DELETE")
_SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID", "traceparent")
_SHOWN = ("ETag", "Location", "Retry-After", "X-Request-ID")
_KEPT_SECONDS = 600


def surround(app: Starlette, options: EdgeOptions, metrics: Metrics) -> None:
    """Put the edge around `app`, once, after `install_problems` and before the first request.

    From outside to inside: Envelope, CORS if there are origins, Guard, Bounds, the application. So an answer of any of
    them has its headers and its id, and is counted and logged.
    """
    if options.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=options.origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            allow_credentials=False,  # keys and tokens are sent on purpose, never by a browser's own accord
            max_age=_KEPT_SECONDS,
        )
    app.add_middleware(Envelope, options=options, metrics=metrics)
    app.user_middleware.append(Middleware(Bounds, options=options))
