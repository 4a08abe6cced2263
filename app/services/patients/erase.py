"""A patient's right to be erased."""

from __future__ import annotations

import asyncio
from typing import Any

from app.errors import StoreUnavailable
from app.services.call import Call
from app.services.patients.kept_note import without_identity
from app.services.service import Service
from app.store import Erased, Unit, add_event, erase_reference


async def erase(service: Service, call: Call, reference: str) -> Erased:
    """Erase whoever has this reference: all that is stored of them, and their key. Answers what that was.

    Where the service keeps notes for learning, they stay without identity. That a patient was erased stays in the
    audit, by our own id.

    NotFound when there is nobody; KeysMissing, StoreUnavailable: nothing is erased then.
    """
    keep = without_identity if service.keeps_notes else None

    def erase_and_tell(unit: Unit) -> Erased:
        erased = erase_reference(unit, reference, keep)
        event = call.event(patient_path(erased.patients[0]), detail=counted(erased))
        add_event(unit, event, service.now())
        return erased

    try:
        erased = await service.database.write(call.clinic, erase_and_tell)
    except (asyncio.CancelledError, StoreUnavailable):
        # It may have been committed all the same.
        service.erased.set()
        raise
    finally:
        service.database.forget_patient(call.clinic, reference)
    service.erased.set()
    return erased


def counted(erased: Erased) -> dict[str, Any]:
    """What the audit is told of an erasure."""
    return {
        "patients": list(erased.patients),
        "consultations": erased.consultations,
        "revisions": erased.revisions,
        "reviews": erased.reviews,
        "receipts": erased.receipts,
        "kept_notes": erased.kept_notes,
    }


def patient_path(patient_id: str) -> str:
    """How the audit names a patient."""
    return f"patients/{patient_id}"
