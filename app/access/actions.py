"""What can be done here, in the words of the audit trail, and which scope each call needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.access.scopes import Scope


class Action(StrEnum):
    """Something done by a caller. The value is what an audit event says, so it stays."""

    NOTE_MADE = "note.made"
    KNOWLEDGE_READ = "knowledge.read"
    CONSULTATION_RECORDED = "consultation.recorded"
    CONSULTATION_REVISED = "consultation.revised"
    CONSULTATION_READ = "consultation.read"
    CONSULTATIONS_LISTED = "consultations.listed"
    NOTES_LISTED = "notes.listed"
    NOTE_READ = "note.read"
    REVIEW_RECORDED = "review.recorded"
    REVIEWS_LISTED = "reviews.listed"
    REVIEW_READ = "review.read"
    PATIENT_EXPORTED = "patient.exported"
    PATIENT_ERASED = "patient.erased"
    AUDIT_READ = "audit.read"
    METRICS_READ = "metrics.read"

    # Only an operator does these, on the command line.
    CLINIC_OPENED = "clinic.opened"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    MASTER_KEY_ROTATED = "master_key.rotated"
    MASTER_KEY_GIVEN_UP = "master_key.given_up"
    RETENTION_APPLIED = "retention.applied"
    AUDIT_SEALED = "audit.sealed"
    CONSULTATIONS_IMPORTED = "consultations.imported"
    CONSULTATIONS_EXPORTED = "consultations.exported"
    REPORT_MADE = "report.made"
    NOTES_REPLAYED = "notes.replayed"
    RULEBOOKS_COMPARED = "rulebooks.compared"
    DATABASE_COPIED = "database.copied"


NEEDS: Mapping[Action, Scope] = MappingProxyType(
    {
        Action.NOTE_MADE: Scope.TRIAGE,
        Action.KNOWLEDGE_READ: Scope.KNOWLEDGE_READ,
        Action.CONSULTATION_RECORDED: Scope.CONSULTATIONS_WRITE,
        Action.CONSULTATION_REVISED: Scope.CONSULTATIONS_WRITE,
        Action.CONSULTATION_READ: Scope.CONSULTATIONS_READ,
        Action.CONSULTATIONS_LISTED: Scope.CONSULTATIONS_READ,
        Action.NOTES_LISTED: Scope.CONSULTATIONS_READ,
        Action.NOTE_READ: Scope.CONSULTATIONS_READ,
        Action.REVIEW_RECORDED: Scope.REVIEWS_WRITE,
        Action.REVIEWS_LISTED: Scope.CONSULTATIONS_READ,
        Action.REVIEW_READ: Scope.CONSULTATIONS_READ,
        Action.PATIENT_EXPORTED: Scope.PATIENTS_EXPORT,
        Action.PATIENT_ERASED: Scope.PATIENTS_ERASE,
        Action.AUDIT_READ: Scope.AUDIT_READ,
        Action.METRICS_READ: Scope.METRICS_READ,
    }
)
"""The scope that each action over HTTP needs. An action that is not here is not for callers over HTTP."""
