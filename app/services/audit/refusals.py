"""What a known caller was refused, for the audit."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from app.access import Action
from app.errors import SpineTriageError, StoreUnavailable, TooManyRequests
from app.services.call import Call
from app.services.service import Service
from app.store import Event, add_event

NOT_AUDITED = frozenset({Action.NOTE_MADE, Action.KNOWLEDGE_READ, Action.METRICS_READ})
"""What touches nobody's record."""

LINES_REFUSED = "lines-refused"
"""The outcome of a batch of which some lines were refused, beside the events of those that were stored."""

_log = logging.getLogger("spine_triage.audit")


async def tell_refusal(service: Service, call: Call, error: SpineTriageError) -> None:
    """Store that the call ended in `error`. A store that does not answer leaves a line in the log instead.

    Too many requests are counted, not stored: they would fill the audit that they are kept out of.
    """
    if is_audited(call, error):
        await _tell(service, call, call.event(outcome=error.code))


async def tell_refusals(service: Service, call: Call, lines: Mapping[str, int]) -> None:
    """Store, as one event, how many lines of a call were refused for each code; else as `tell_refusal`."""
    await _tell(service, call, call.event(outcome=LINES_REFUSED, detail={"lines": dict(lines)}))


def is_audited(call: Call, error: SpineTriageError) -> bool:
    """Whether the audit is told of such a refusal."""
    return call.action not in NOT_AUDITED and not isinstance(error, (StoreUnavailable, TooManyRequests))


async def _tell(service: Service, call: Call, event: Event) -> None:
    try:
        await service.database.write(call.clinic, add_event, event, service.now())
    except Exception as failure:  # noqa: BLE001 - the caller is told of the refusal whatever becomes of this
        _log.error("a refusal (%s) could not be audited: %s", event.outcome, type(failure).__name__)
