"""How the result of a batch's line is written."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from starlette.responses import Response

from app.errors import SpineTriageError
from app.routers.consultations import address_of
from app.routers.guard import log_incident
from app.routers.problems import problem_of, unexpected_problem
from app.services.batch import LineResult
from app.store import StoredRevision


def write_result(result: LineResult, *, is_full: bool) -> bytes:
    """A result as a line. An error that nobody foresaw is logged."""
    outcome = result.outcome
    if isinstance(outcome, StoredRevision):
        shown = _show_stored(outcome, is_full=is_full)
    elif isinstance(outcome, SpineTriageError):
        shown = _show_refused(problem_of(outcome))
    else:
        incident = str(uuid.uuid4())
        log_incident(incident, outcome)
        shown = _show_refused(unexpected_problem(incident))
    return orjson.dumps({"line": result.line, **shown}, option=orjson.OPT_APPEND_NEWLINE)


def _show_stored(stored: StoredRevision, *, is_full: bool) -> dict[str, Any]:
    note = orjson.loads(stored.note)
    here = address_of(stored.consultation_id)
    return {
        "status": 201,
        "id": stored.consultation_id,
        "revision": stored.revision,
        "headline": note["headline"],
        "urgency": note["urgency"],
        "links": {"self": here, "note": f"{here}/notes/{stored.revision}", "notes": f"{here}/notes"},
        **({"note": orjson.Fragment(stored.note)} if is_full else {}),
    }


def _show_refused(problem: Response) -> dict[str, Any]:
    retry_after = problem.headers.get("Retry-After")
    waits = {} if retry_after is None else {"retry_after": int(retry_after)}
    return {"status": problem.status_code, **waits, "problem": orjson.Fragment(bytes(problem.body))}
