"""A note for a consultation that is not stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.services.call import Call
from app.services.idempotency import receipt_for
from app.services.input import parse_consultation
from app.services.service import Service
from app.store import add_receipt, find_receipt


async def triage_once(service: Service, call: Call, document: Any, *, every_category: bool = False) -> bytes:
    """The note, as JSON, of a consultation as posted (what `read_document` returned), made today.

    every_category  also list categories that the facts rule out

    With an Idempotency-Key the answer is kept, sealed, so that it stays the same when the day or the rulebook changes.

    Raises InvalidInput with every fault of the document; with a key also IdempotencyKeyReused and StoreUnavailable.
    """
    asked = receipt_for(call, [document, every_category], service.oldest_receipt)
    if asked is None:
        return _make(service, document, every_category=every_category)
    if (found := await service.database.read(call.clinic, find_receipt, asked)) is not None:
        return found.answer or b""
    encoded = _make(service, document, every_category=every_category)
    if await service.database.write(call.clinic, add_receipt, replace(asked, answer=encoded), service.now()):
        return encoded
    # Another process was faster with the same key.
    found = await service.database.read(call.clinic, find_receipt, asked)
    return encoded if found is None else found.answer or b""


def _make(service: Service, document: Any, *, every_category: bool) -> bytes:
    note, encoded = service.triage.write(parse_consultation(document), service.today(), every_category=every_category)
    service.count_note(note)
    return encoded
