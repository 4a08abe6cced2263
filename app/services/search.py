"""Lists of consultations."""

from __future__ import annotations

from app import store
from app.services.call import Call, consultation_path
from app.services.service import Service
from app.store.audit import add_events


async def search(service: Service, call: Call, wanted: store.Filter, cursor: str | None, limit: int) -> store.Page:
    """At most `limit` consultations, newest first, after `cursor` or from the start.

    Raises InvalidCursor, StoreUnavailable.
    """

    def search_and_tell(unit: store.Unit) -> store.Page:
        page = store.search(unit, wanted, cursor, limit)
        # A list shows whose consultation it is and what its note says, so each of them was seen: what is asked of the
        # audit about one consultation finds it, and so does its patient's export.
        shown = [call.event(consultation_path(each.consultation_id)) for each in page.consultations]
        add_events(unit, [call.event(detail={"consultations": len(shown)}), *shown], service.now())
        return page

    return await service.database.write(call.clinic, search_and_tell)
