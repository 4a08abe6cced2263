"""Who it is about. The reference is the caller's own; nothing here identifies a person to us."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import Section, ask


class Patient(Section):
    """Age, sex at birth and body size; reference is free text of the caller's, 1-64 characters."""

    reference: Annotated[str, Field(min_length=1, max_length=64)] | MISSING = ask(
        "Your own reference for this patient, such as a record number"
    )
    age: Annotated[int, Field(ge=0, le=120)] | MISSING = ask(
        "How old is the patient now?", unit="years", plausible=(0, 105)
    )
    sex: Literal["female", "male", "intersex"] | MISSING = ask("What was the sex at birth?", label="sex at birth")
    pregnant: bool | MISSING = ask("Is the patient pregnant?")
    pregnancy_weeks: Annotated[int, Field(ge=0, le=45)] | MISSING = ask(
        "How many weeks pregnant?", unit="weeks", plausible=(0, 42)
    )
    weeks_since_birth: Annotated[float, Field(ge=0, le=104)] | MISSING = ask(
        "If there was a birth in the last two years: how many weeks ago?",
        label="weeks since giving birth",
        unit="weeks",
    )
    height_cm: Annotated[float, Field(ge=30, le=260)] | MISSING = ask(
        "How tall?", label="height", unit="cm", plausible=(120, 215)
    )
    weight_kg: Annotated[float, Field(ge=2, le=500)] | MISSING = ask(
        "What weight?", label="weight", unit="kg", plausible=(30, 250)
    )
