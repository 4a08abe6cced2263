"""Totals of questionnaires and scales. Only totals: the item texts belong to their owners (evidence 4.11)."""

from __future__ import annotations

from typing import Annotated

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import Section, ask
from app.triage.vocabulary.quantities import MyelopathyScore, NeckDisability


class Scores(Section):
    """Instrument totals, each on its own scale."""

    odi_percent: Annotated[float, Field(ge=0, le=100)] | MISSING = ask(
        "Oswestry Disability Index?", label="ODI", unit="percent"
    )
    ndi: NeckDisability | MISSING = ask("Neck Disability Index?", label="NDI", unit="percent")
    mjoa: MyelopathyScore | MISSING = ask(
        "Modified JOA total (0-18)?", label="mJOA", unit="points", group="cord", normal=(18, 18)
    )
    start_back_total: Annotated[int, Field(ge=0, le=9)] | MISSING = ask(
        "STarT Back total?", label="STarT Back total", unit="points"
    )
    start_back_psychosocial: Annotated[int, Field(ge=0, le=5)] | MISSING = ask(
        "STarT Back psychosocial part?", label="STarT Back psychosocial score", unit="points"
    )
    phq2: Annotated[int, Field(ge=0, le=6)] | MISSING = ask("PHQ-2 total?", label="PHQ-2", unit="points")
    phq4: Annotated[int, Field(ge=0, le=12)] | MISSING = ask("PHQ-4 total?", label="PHQ-4", unit="points")
    phq9: Annotated[int, Field(ge=0, le=27)] | MISSING = ask("PHQ-9 total?", label="PHQ-9", unit="points")
    phq9_item9: Annotated[int, Field(ge=0, le=3)] | MISSING = ask(
        "PHQ-9 item 9 (self-harm)?", label="PHQ-9 item 9", unit="points", group="mood", normal=(0, 0)
    )
    pain_detect: Annotated[int, Field(ge=-1, le=38)] | MISSING = ask(
        "painDETECT total?", label="painDETECT", unit="points"
    )
    eq5d_index: Annotated[float, Field(ge=-1, le=1)] | MISSING = ask("EQ-5D index?", label="EQ-5D index", unit="index")
    eq5d_vas: Annotated[int, Field(ge=0, le=100)] | MISSING = ask(
        "EQ-5D visual scale?", label="EQ-5D VAS", unit="0-100"
    )
