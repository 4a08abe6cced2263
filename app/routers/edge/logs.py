"""Logs: one JSON object a line, with nothing in it that a caller sent.

What this service logs itself is written by people who know the rule, and of its figures only those in KEYS are kept.
A library's message may quote whatever it stumbled over, so of that only what its author wrote before running is kept:
the template without what was to be put in, numbers aside. Of an exception the kinds and the lines of code remain.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger

from app.routers.edge.passage import REQUEST_ID

OWN = "spine_triage"
"""The root of this service's own loggers."""

KEYS = (
    *("method", "route", "status", "duration_ms", "bytes", "clinic", "caller", "subject", "outcome"),
    *("incident", "action", "count", "seconds", "version"),
)
"""What an event of our own may carry, if it is text, a number or yes/no."""

# Their messages without arguments are constants; elsewhere such a message may have been put together with anything.
_CONSTANT = ("uvicorn", "alembic")
_LONGEST_CHAIN = 10


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Write every log of this process, of libraries too, to `stream` (standard error) as JSON lines.

    structlog's loggers write straight there, in a third of the time that the standard library's take; it also formats
    those. Both have the same lines.

    Args:
        level: the least severe that is written: debug, info, warning or error.
        stream: where to.
    """
    stream = stream or sys.stderr
    render = structlog.processors.JSONRenderer(serializer=_write)
    structlog.configure(
        processors=[_describe_event, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(processors=[_describe_record, render], use_get_message=False, pass_foreign_args=True)
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Python would print a message that cannot be formatted with all its arguments.
    logging.raiseExceptions = False
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # It logs addresses as they were asked for, and there is a log line of our own for each request.
    logging.getLogger("uvicorn.access").disabled = True


def own_logger(name: str) -> FilteringBoundLogger | None:
    """A logger of this service's own, for events with KEYS; None as long as nobody has said where logs go."""
    if not structlog.is_configured():
        return None
    logger: FilteringBoundLogger = structlog.get_logger().bind(logger=f"{OWN}.{name}")
    return logger


def describe_failure(error: BaseException) -> list[str]:
    """The kinds of an exception and of what caused it, each followed by its lines of code; never their messages."""
    lines: list[str] = []
    link: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if link is None:
            break
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines += _code_lines(link.__traceback__)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return lines


def _code_lines(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}"
        trace = trace.tb_next


def _describe_event(_: object, level: str, event: EventDict) -> dict[str, Any]:
    """What is written of an event of a structlog logger."""
    now = datetime.now(UTC)
    return _line(now, level, event.get("logger", OWN), event["event"]) | _kept(event) | _failure(event)


def _describe_record(_: object, level: str, event: EventDict) -> dict[str, Any]:
    """What is written of a record of the standard library's loggers."""
    record: logging.LogRecord = event["_record"]
    then = datetime.fromtimestamp(record.created, UTC)
    if record.name.partition(".")[0] != OWN:
        return _line(then, level, record.name, _say_foreign(record, event)) | _failure(event)
    arguments = event["positional_args"]
    says = str(event["event"]) % arguments if arguments else str(event["event"])
    return _line(then, level, record.name, says) | _kept(record.__dict__) | _failure(event)


def _line(moment: datetime, level: str, logger: str, event: str) -> dict[str, Any]:
    line = {
        "timestamp": moment.isoformat(timespec="milliseconds"),
        "level": level,
        "logger": logger,
        "event": event,
    }
    request_id = REQUEST_ID.get()
    if request_id:
        line["request_id"] = request_id
    return line


def _kept(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in KEYS if key in told and isinstance(told[key], str | int | float)}


def _failure(event: EventDict) -> dict[str, Any]:
    told = event.get("exc_info")
    if told is True:
        told = sys.exc_info()
    if isinstance(told, tuple):
        told = told[1]
    return {"exception": describe_failure(told)} if isinstance(told, BaseException) else {}


def _say_foreign(record: logging.LogRecord, event: EventDict) -> str:
    arguments = event["positional_args"]
    place = f"{record.module}:{record.lineno}"
    if not arguments:
        constant = record.name.partition(".")[0] in _CONSTANT
        return str(event["event"]).strip() if constant else f"(message withheld, {place})"
    shown = tuple(value if type(value) in (int, float) else "…" for value in arguments)
    try:
        return str(event["event"]) % shown
    except (TypeError, ValueError):
        return f"(message withheld, {place})"


def _write(line: Any, **_: object) -> str:
    return orjson.dumps(line).decode()
