"""Lists of consultations."""

from __future__ import annotations

from app import store
from app.services.call import Call
from app.services.service import Service


async def search(service: Service, call: Call, wanted: store.Filter, cursor: str | None, limit: int) -> store.Page:
    """At most `limit` consultations, newest first, after `cursor` or from the start.

    Raises InvalidCursor, StoreUnavailable.
    """

    def search_and_tell(unit: store.Unit) -> store.Page:
        page = store.search(unit, wanted, cursor, limit)
        listed = [each.consultation_id for each in page.consultations]
        store.add_event(unit, call.event(detail={"consultations": listed}), service.now())
        return page

    return await service.database.write(call.clinic, search_and_tell)
