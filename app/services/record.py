"""A new consultation: stored with its first note before it is answered."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from app.services.input import parse_consultation
from app.services.judge import judge, stored_as
from app.services.service import Service
from app.store import Consultations, StoredRevision


async def record(service: Service, document: Any) -> StoredRevision:
    """Store a consultation as posted (what `read_document` returned) and its note; answers revision 1.

    Raises InvalidInput with every fault of the document, or StoreUnavailable; nothing is stored then.
    """
    judged = judge(service, parse_consultation(document))
    consultation_id = str(uuid4())

    def store(connection: Connection) -> StoredRevision:
        # The clock is read by the one writer, so that moments follow one another as the commits do.
        at = service.now()
        revision = Consultations(service.clinic).add(connection, consultation_id, judged, at)
        return stored_as(consultation_id, revision, judged, at)

    return await service.write(store)
