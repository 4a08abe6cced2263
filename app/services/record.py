"""A new consultation: stored with its first note before it is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from app.errors import InvalidInput
from app.services.call import Call, consultation_path
from app.services.idempotency import receipt_for
from app.services.input import parse_consultation
from app.services.judge import judge, stored_as
from app.services.service import Service
from app.store import NewConsultation, Receipt, Repeated, StoredRevision, Unit, add_event, find_receipt, one_revision


async def record(service: Service, call: Call, document: Any) -> StoredRevision:
    """Store a consultation as posted (what `read_document` returned) and its note; answers revision 1.

    A request that was answered before, by its Idempotency-Key, stores nothing and is answered the same.

    Raises InvalidInput with every fault of the document, IdempotencyKeyReused, or StoreUnavailable; nothing is stored
    then.
    """
    receipt = receipt_for(call, document, service.oldest_receipt)
    try:
        consultation = parse_consultation(document)
    except InvalidInput:
        # A key that stands for another request is the greater mistake, and this one could never have been stored.
        if receipt is not None:
            await service.database.read(call.clinic, find_receipt, receipt)
        raise
    judged = judge(service, consultation)
    this = str(uuid4())
    if receipt is not None:
        receipt = replace(receipt, consultation_id=this, revision=1)
    new = NewConsultation(this, judged, service.now, call.event(consultation_path(this, 1)), receipt)
    try:
        added = await service.with_rulebook(call.clinic, lambda: service.database.add_consultation(call.clinic, new))
    except Repeated as repeated:
        return await _again(service, call, repeated.receipt)
    return stored_as(this, 1, judged, added.at)


async def _again(service: Service, call: Call, found: Receipt) -> StoredRevision:
    """What the first request was answered."""
    this, revision = found.consultation_id or "", found.revision or 1

    def read_again(unit: Unit) -> StoredRevision:
        add_event(unit, call.event(consultation_path(this, revision), "repeated"), service.now())
        return one_revision(unit, this, revision)

    return await service.database.write(call.clinic, read_again)
