"""The example of a patient's export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from app.access import Action, CallerKind
from app.routers.patients import describe_export, write_export
from app.services.call import DONE, consultation_path
from app.store import HeldConsultation, HeldEvent, HeldPatient, HeldReceipt, StoredRevision


def example_export(reference: str, patient_id: str, revisions: Sequence[StoredRevision]) -> Any:
    """The export of a patient with one consultation, as plain JSON."""
    first = revisions[0]
    held = HeldConsultation(
        consultation_id=first.consultation_id,
        created_at=first.created_at,
        revisions=tuple(revisions),
        reviews=(),
        receipts=(HeldReceipt(first.created_at, first.revision, None),),
    )
    events = (
        _event("8d4a7f0c-52f1-4b7e-9c3a-1f0e6b2d8a40", Action.CONSULTATION_RECORDED, first, first.created_at),
        _event(
            "c19e2b65-0a84-4f3d-8b1c-7d5e4a3f2b10", Action.NOTE_READ, first, first.created_at + timedelta(minutes=12)
        ),
    )
    exported = HeldPatient(reference, (patient_id,), first.created_at, (held,), events)
    return orjson.loads(write_export(describe_export(exported)))


def _event(event_id: str, action: Action, about: StoredRevision, at: datetime) -> HeldEvent:
    return HeldEvent(
        event_id=event_id,
        at=at,
        actor_kind=CallerKind.API_KEY,
        actor="q5d7xkz2m4ab",
        action=action,
        target=consultation_path(about.consultation_id, about.revision),
        outcome=DONE,
        address="192.0.2.17",
        request_id="4f1c2d0e9b8a4756b3c2d1e0f9a8b7c6",
        detail=None,
    )
