"""The shape of a patient's export, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.triage import Consultation, Note

_Uuid = Annotated[str, Field(min_length=36, max_length=36)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PatientExported(_Part):
    """Who it is about."""

    reference: str
    ids: list[_Uuid] = Field(
        min_length=1, description="Our own; more than one only while the operator rotates master keys"
    )
    created_at: datetime


class RevisionExported(_Part):
    """A revision with its note."""

    revision: int = Field(ge=1)
    created_at: datetime
    consultation: Consultation = Field(description="As it was sent, merge patches applied")
    note: Note


class ReviewExported(_Part):
    """What a clinician decided after reading a note."""

    id: _Uuid
    revision: int = Field(ge=1)
    reviewed_at: datetime
    reviewer: str
    review: dict[str, Any] = Field(description="As it was sent")


class ReceiptExported(_Part):
    """That a request with an Idempotency-Key was answered; the key itself is not stored."""

    made_at: datetime
    revision: int | None
    review_id: str | None


class ConsultationExported(_Part):
    """A consultation with all that belongs to it."""

    id: _Uuid
    created_at: datetime
    revisions: list[RevisionExported] = Field(min_length=1)
    reviews: list[ReviewExported]
    receipts: list[ReceiptExported]


class ActorExported(_Part):
    """Who did it: an API key by its id, a person by their subject at the issuer, or an operator."""

    kind: Literal["api_key", "person", "operator"]
    subject: str


class EventExported(_Part):
    """Who did what to one of the consultations, or to all that is held of the patient, and with which outcome."""

    id: _Uuid
    at: datetime
    action: str = Field(examples=["consultation.read"])
    outcome: str = Field(description="`done`, or the code of the error that it ended in")
    actor: ActorExported
    target: str = Field(examples=["consultations/0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11/notes/1"])
    address: str | None
    request_id: str | None
    detail: dict[str, Any] | None


class PatientExport(_Part):
    """Everything that is held of a patient, oldest first. Lists that showed a consultation are not among the events."""

    patient: PatientExported
    consultations: list[ConsultationExported]
    events: list[EventExported]
