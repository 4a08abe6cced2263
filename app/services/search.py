"""Lists of consultations."""

from __future__ import annotations

from app import store
from app.services.service import Service


async def search(service: Service, wanted: store.Filter, cursor: str | None, limit: int) -> store.Page:
    """At most `limit` consultations, newest first, after `cursor` or from the start.

    Raises InvalidCursor, StoreUnavailable.
    """
    return await service.database.read(store.search, service.clinic, wanted, cursor, limit)
