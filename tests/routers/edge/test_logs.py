from __future__ import annotations

import asyncio
import io
import json
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from app.routers.edge import configure_logging
from tests.routers.edge.conftest import Lines

MARKER = "Mrs-Marker-1042"


def test_a_line_of_our_own_has_the_keys_that_are_allowed_and_no_other(lines: Lines) -> None:
    logging.getLogger("spine_triage.retention").info(
        "applied", extra={"count": 3, "clinic": "st-anna", "patient": MARKER, "outcome": {"reference": MARKER}}
    )
    structlog.get_logger().bind(logger="spine_triage.audit").warning("sealed", count=4, reference=MARKER)
    first, second = lines()
    assert {key: first[key] for key in first if key != "timestamp"} == {
        "level": "info",
        "logger": "spine_triage.retention",
        "event": "applied",
        "clinic": "st-anna",
        "count": 3,
    }
    assert (second["level"], second["logger"], second["event"], second["count"]) == (
        "warning",
        "spine_triage.audit",
        "sealed",
        4,
    )
    assert MARKER not in str(lines())


def test_arguments_of_our_own_messages_are_put_in(lines: Lines) -> None:
    logging.getLogger("spine_triage.http").error("incident %s: %d tries", "7f", 3)
    assert lines()[0]["event"] == "incident 7f: 3 tries"


def test_of_an_exception_the_kinds_and_lines_of_code_remain_but_no_word(lines: Lines) -> None:
    try:
        try:
            int(MARKER)
        except ValueError as error:
            error.add_note(MARKER)
            raise LookupError(MARKER) from error
    except LookupError:
        logging.getLogger("spine_triage.http").exception("failed")
        structlog.get_logger().bind(logger="spine_triage.http").exception("failed")
    for line in lines():
        assert (line["level"], line["exception"][0], line["exception"][2]) == (
            "error",
            "builtins.LookupError",
            "builtins.ValueError",
        )
        assert f"{Path(__file__).name}:" in line["exception"][1]
        assert MARKER not in str(line)


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "said"),
    [
        ("uvicorn.error", "Started server process [%d]", (7,), "Started server process [7]"),
        ("uvicorn.error", "Waiting for connections to close.", (), "Waiting for connections to close."),
        ("uvicorn.error", "%s:%d - lost", (MARKER, 80), "…:80 - lost"),
        ("httpx", 'HTTP Request: %s "%d"', (f"http://a.test/?q={MARKER}", 200), 'HTTP Request: … "200"'),
        ("sqlalchemy.engine.Engine", f"BEGIN; -- '{MARKER}'", (), "(message withheld, test_logs:"),
        ("asyncio", f"Task exception was never retrieved: {MARKER}", (), "(message withheld, test_logs:"),
        ("some.package", "%d entries", (MARKER,), "(message withheld, test_logs:"),
        ("some.package", "%s and %s", (MARKER,), "(message withheld, test_logs:"),
    ],
)
def test_of_a_library_only_what_was_written_before_it_ran_is_logged(
    logger: str, message: str, arguments: tuple[object, ...], said: str, lines: Lines
) -> None:
    logging.getLogger(logger).error(message, *arguments, extra={"outcome": MARKER})
    (line,) = lines()
    assert line["event"].startswith(said)
    assert MARKER not in str(line)


def test_a_database_error_with_its_parameters_leaves_none_of_them(lines: Lines) -> None:
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError) as failed:
            connection.execute(sa.text("SELECT * FROM nowhere WHERE reference = :given"), {"given": MARKER})
        logging.getLogger("spine_triage.store").error("failed", exc_info=failed.value)
    engine.dispose()
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    (failure,) = (line for line in lines() if line["event"] == "failed")
    assert "sqlalchemy.exc.OperationalError" in failure["exception"]
    assert len(lines()) > 3
    assert MARKER not in str(lines())


def test_an_unfinished_task_of_the_event_loop_does_not_tell_why_it_failed(lines: Lines) -> None:
    async def fail_unseen() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": MARKER, "exception": ValueError(MARKER), "task": MARKER}
        )

    asyncio.run(fail_unseen())
    logging.getLogger("asyncio").error(MARKER)
    assert MARKER not in str(lines())


def test_a_message_that_cannot_be_formatted_is_not_printed_instead(
    lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("spine_triage.http").error("%d", MARKER)
    assert MARKER not in str(lines()) + "".join(capfd.readouterr())


def test_the_server_does_not_log_addresses_on_its_own(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "::1", "GET", f"/p/{MARKER}", "1.1", 200)
    assert lines() == []


def test_what_is_less_severe_than_asked_for_is_not_written(lines: Lines) -> None:
    stream = io.StringIO()
    configure_logging("warning", stream)
    for logger in (logging.getLogger("spine_triage.http"), structlog.get_logger()):
        logger.info("unsaid")
        logger.warning("said")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["said", "said"]
