"""A consultation with its note, ready to be stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import MISSING

from app.services.input import canonical_body
from app.services.service import Service
from app.store import Judged, StoredRevision
from app.triage import Consultation


def judge(service: Service, consultation: Consultation, previous: Mapping[str, Any] | None = None) -> Judged:
    """Make today's note. `previous` is the note of the revision before, for the note's `changes`."""
    note, encoded = service.triage.write(consultation, service.today(), previous)
    service.count_note(note)
    return Judged.from_note(canonical_body(consultation), note, encoded, patient_reference(consultation))


def stored_as(consultation_id: str, revision: int, judged: Judged, at: datetime) -> StoredRevision:
    """What the store would answer for what has just been given to it, without asking."""
    return StoredRevision(
        consultation_id=consultation_id,
        revision=revision,
        created_at=at,
        body=judged.body,
        note=judged.note,
        made_on=judged.made_on,
        rulebook_digest=judged.rulebook_digest,
    )


def patient_reference(consultation: Consultation) -> str | None:
    """The caller's own reference of the patient, if it was given."""
    patient = consultation.patient
    if patient is MISSING or patient.reference is MISSING:
        return None
    return patient.reference
