"""Reading what is stored, as it was stored. That it was read is stored in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from app.services.call import Call, consultation_path
from app.services.service import Service
from app.store import StoredRevision, Unit, add_event, all_revisions, newest_revision, one_revision

T = TypeVar("T")


async def read_consultation(service: Service, call: Call, consultation_id: str) -> StoredRevision:
    """The newest revision. NotFound, StoreUnavailable."""
    return await _read(service, call, consultation_path(consultation_id), newest_revision, consultation_id)


async def read_notes(service: Service, call: Call, consultation_id: str) -> list[StoredRevision]:
    """Every revision with its note, oldest first. NotFound, StoreUnavailable."""
    return await _read(service, call, consultation_path(consultation_id), all_revisions, consultation_id)


async def read_note(service: Service, call: Call, consultation_id: str, revision: int) -> StoredRevision:
    """One revision with its note, counted from 1. NotFound, StoreUnavailable."""
    target = consultation_path(consultation_id, revision)
    return await _read(service, call, target, one_revision, consultation_id, revision)


async def _read(service: Service, call: Call, target: str, fn: Callable[..., T], *args: Any) -> T:
    def read_and_tell(unit: Unit) -> T:
        found = fn(unit, *args)
        add_event(unit, call.event(target), service.now())
        return found

    return await service.database.write(call.clinic, read_and_tell)
