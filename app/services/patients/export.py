"""A patient's right to know everything that is held of them, and who saw it."""

from __future__ import annotations

from app.services.call import Call
from app.services.patients.erase import patient_path
from app.services.service import Service
from app.store import HeldPatient, Unit, add_event, held_of


async def export_patient(service: Service, call: Call, reference: str) -> HeldPatient:
    """All that is held of the patient with this reference; of this export itself only the next one tells.

    NotFound when there is nobody; KeysMissing, StoreUnavailable.
    """

    def read_and_tell(unit: Unit) -> HeldPatient:
        held = held_of(unit, reference)
        detail = {"patients": list(held.patient_ids), "consultations": len(held.consultations)}
        add_event(unit, call.event(patient_path(held.patient_ids[0]), detail=detail), service.now())
        return held

    return await service.database.write(call.clinic, read_and_tell)
