"""The joints at the two ends of the spine, as imaging reports them: skull to atlas and axis, and sacrum to pelvis."""

from __future__ import annotations

from math import nextafter
from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import Section, ask

SacroiliacGrade = Annotated[int, Field(ge=0, le=4)]


class UpperCervical(Section):
    """Atlas, axis and skull base."""

    atlanto_dental_interval_mm: Annotated[float, Field(ge=0, le=25)] | MISSING = ask(
        "Anterior atlanto-dental interval?", unit="mm", worse="high", group="cord", normal=(0, 3)
    )
    posterior_atlanto_dental_interval_mm: Annotated[float, Field(ge=2, le=40)] | MISSING = ask(
        "Space for the cord behind the dens?", unit="mm", worse="low", group="cord", normal=(nextafter(14, 40), 40)
    )
    dens_above_mcgregor_mm: Annotated[float, Field(ge=-20, le=30)] | MISSING = ask(
        "Dens tip above McGregor's line?", unit="mm", worse="high", group="cord", normal=(-20, 4.5)
    )


class Sacroiliac(Section):
    """Sacroiliac joints; grade after the modified New York criteria, by side."""

    finding: Literal["normal", "degenerative", "sclerosis", "erosions", "ankylosis"] | MISSING = ask(
        "How do the sacroiliac joints look?", label="sacroiliac joints"
    )
    grade_left: SacroiliacGrade | MISSING = ask(
        "Grade of sacroiliitis, left?", label="sacroiliitis grade, left", unit="grade 0-4", worse="high"
    )
    grade_right: SacroiliacGrade | MISSING = ask(
        "Grade of sacroiliitis, right?", label="sacroiliitis grade, right", unit="grade 0-4", worse="high"
    )
