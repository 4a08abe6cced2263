"""What has been tried. Weeks of treatments that ran side by side are never added up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import Section, ask
from app.triage.vocabulary.quantities import Duration

Outcome = Literal["helped", "partly_helped", "ongoing", "failed"]


class Course(Section):
    """One treatment that was tried."""

    kind: Literal[
        "physiotherapy",
        "exercise",
        "manual_therapy",
        "psychological",
        "nsaid",
        "neuropathic_medicine",
        "opioid",
        "oral_steroid",
        "epidural_injection",
        "facet_injection",
        "radiofrequency",
        "brace",
        "traction",
        "other",
    ] = Field(description="Which treatment?", json_schema_extra={"x-label": "treatment"})
    duration: Duration | MISSING = ask("For how long?", label="duration of the treatment", unit="days")
    sessions: Annotated[int, Field(ge=0, le=1000)] | MISSING = ask("How many sessions?", unit="sessions")
    outcome: Outcome | MISSING = ask("With what result?", label="result of the treatment")


class DiagnosticBlock(Section):
    """A test injection and what it did."""

    target: Literal["medial_branch", "sacroiliac_joint", "nerve_root"] = Field(
        description="If there was a test injection: what was numbed?",
        json_schema_extra={"x-label": "target of the test injection"},
    )
    relief_percent: Annotated[int, Field(ge=0, le=100)] | MISSING = ask(
        "How much did the test injection relieve?", label="relief from the test injection", unit="percent"
    )
    image_guided: bool | MISSING = ask(
        "Was the test injection guided by imaging?", label="test injection guided by imaging"
    )
    repeated: bool | MISSING = ask(
        "Was the result of the test injection repeated on another day?", label="test injection repeated"
    )


class Treatments(Section):
    """Care without an operation.

    `conservative_*` speak for the whole, `courses` for each treatment; the list is taken as complete. A whole that is
    shorter than one of its courses, or has a result that none of them had, is a contradiction: both stay possible.
    """

    conservative_care: Literal["not_tried", "helped", "partly_helped", "ongoing", "failed"] | MISSING = ask(
        "Has care without an operation (exercise, physiotherapy, medicine) been tried, and with what result?",
        label="care without an operation",
    )
    conservative_duration: Duration | MISSING = ask(
        "For how long, counting treatments side by side once?", label="duration of that care", unit="days"
    )
    active_physiotherapy: bool | MISSING = ask("Did it include exercise or active physiotherapy?")
    courses: Annotated[list[Course], Field(min_length=1, max_length=50)] | MISSING = ask(
        "Which treatments were tried, for how long, and with what result? The list is taken as complete.",
        label="treatments tried",
    )
    diagnostic_block: DiagnosticBlock | MISSING = MISSING
    optimal_medicine_failed: bool | MISSING = ask(
        "Is the pain still severe with the best pain medicine that can be borne?",
        label="severe pain despite the best pain medicine",
    )
    stimulation_trial: Literal["none", "failed", "successful"] | MISSING = ask(
        "Was spinal cord stimulation tried out before an implant, and did it help?", label="trial of stimulation"
    )
    stimulation_team_agrees: bool | MISSING = ask(
        "Has a pain team of several professions assessed the patient, and does it agree to stimulation?",
        label="pain team agrees to stimulation",
    )
    no_further_target: bool | MISSING = ask(
        "Has a spinal team found nothing further that an operation could correct?",
        label="spinal team sees nothing more to operate on",
    )
