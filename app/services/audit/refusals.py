"""What a known caller was refused, for the audit."""

from __future__ import annotations

import logging

from app.access import Action
from app.errors import SpineTriageError, StoreUnavailable, TooManyRequests
from app.services.call import Call
from app.services.service import Service
from app.store import add_event

NOT_AUDITED = frozenset({Action.NOTE_MADE, Action.KNOWLEDGE_READ, Action.METRICS_READ})
"""What touches nobody's record."""

_log = logging.getLogger("spine_triage.audit")


async def tell_refusal(service: Service, call: Call, error: SpineTriageError) -> None:
    """Store that the call ended in `error`. A store that does not answer leaves a line in the log instead.

    Too many requests are counted, not stored: they would fill the audit that they are kept out of.
    """
    if call.action in NOT_AUDITED or isinstance(error, (StoreUnavailable, TooManyRequests)):
        return
    try:
        await service.database.write(call.clinic, add_event, call.event(outcome=error.code), service.now())
    except Exception as failure:  # noqa: BLE001 - the caller is told of the refusal whatever becomes of this
        _log.error("a refusal (%s) could not be audited: %s", error.code, type(failure).__name__)
