"""The key of one patient."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.store.protection.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class PatientKey:
    """Seals what belongs to one patient of one clinic, and opens it again.

    A sealed value opens only where it was sealed for: `place` is part of it, as are the clinic and the patient, so that
    rows which somebody swapped in the database are noticed.
    """

    clinic: str
    patient_id: str
    secret: bytes = field(repr=False)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Compressed and sealed."""
        return seal(self.secret, plain, self._belongs_to(place))

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for this place. Damaged otherwise."""
        return unseal(self.secret, sealed, self._belongs_to(place))

    def _belongs_to(self, place: str) -> str:
        return f"{self.clinic}/{self.patient_id}/{place}"


REFERENCE = "reference"
"""The place of a patient's reference."""


def body_of(consultation_id: str, revision: int) -> str:
    """The place of a revision's body."""
    return f"{consultation_id}/{revision}/body"


def note_of(consultation_id: str, revision: int) -> str:
    """The place of a revision's note."""
    return f"{consultation_id}/{revision}/note"


def review_of(consultation_id: str, review_id: str) -> str:
    """The place of a review."""
    return f"{consultation_id}/{review_id}/review"
