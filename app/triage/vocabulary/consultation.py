"""The whole body of a consultation.

Everything beyond `complaint.regions` is optional, and what is absent is unknown.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import MISSING, Field

from app.triage.vocabulary.complaint import Complaint
from app.triage.vocabulary.declare import Section
from app.triage.vocabulary.examination import Examination
from app.triage.vocabulary.history import History
from app.triage.vocabulary.imaging import Report
from app.triage.vocabulary.patient import Patient
from app.triage.vocabulary.scores import Scores
from app.triage.vocabulary.screening import Screening
from app.triage.vocabulary.treatments import Treatments


class Consultation(Section):
    """One structured consultation, as front-desk software or an intake form sends it."""

    patient: Patient | MISSING = MISSING
    complaint: Complaint
    screening: Screening | MISSING = MISSING
    history: History | MISSING = MISSING
    examination: Examination | MISSING = MISSING
    treatments: Treatments | MISSING = MISSING
    imaging: Annotated[list[Report], Field(min_length=1, max_length=40)] | MISSING = MISSING
    scores: Scores | MISSING = MISSING
    not_known: Annotated[list[str], Field(min_length=1, max_length=400)] | MISSING = Field(
        default=MISSING,
        description="Facts that were asked and are not known: the question stops, the doubt stays",
        examples=[["complaint.saddle_sensation"]],
    )
