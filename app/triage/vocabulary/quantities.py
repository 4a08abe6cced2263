"""Numbers that travel with their unit, each with `bounds()` in one base unit.

A stated range stays a range: "4-5 months" is an interval, and comparisons that it straddles stay undecided.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import MISSING, Field, model_validator

from app.triage.vocabulary.declare import Section

DAYS_IN: dict[str, float] = {"hours": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
LONGEST_DAYS = 36_500.0
LEAST_OFFSET, MOST_OFFSET = -200, 400
TimeUnit = Literal["hours", "days", "weeks", "months", "years"]
_Count = Annotated[float, Field(ge=0, le=36_500)]


class Duration(Section):
    """A length of time: `value`, or a range by `at_least` and `at_most` (either may stand alone), with its unit.

    Base unit: days, 0 to 36,500.
    """

    value: _Count | MISSING = MISSING
    at_least: _Count | MISSING = MISSING
    at_most: _Count | MISSING = MISSING
    unit: TimeUnit

    @model_validator(mode="after")
    def _state_one_length(self) -> Self:
        if self.value is not MISSING:
            if self.at_least is not MISSING or self.at_most is not MISSING:
                raise ValueError("give either value, or at_least and at_most")
        elif self.at_least is MISSING and self.at_most is MISSING:
            raise ValueError("give value, or at_least, or at_most")
        low, high = self.bounds()
        if low > high:
            raise ValueError("at_least is longer than at_most")
        if low > LONGEST_DAYS or (self.at_most is not MISSING and self.at_most * DAYS_IN[self.unit] > LONGEST_DAYS):
            raise ValueError("longer than 36,500 days (about 100 years)")
        return self

    def bounds(self) -> tuple[float, float]:
        """The shortest and longest it may be, in days."""
        scale = DAYS_IN[self.unit]
        if self.value is not MISSING:
            return self.value * scale, self.value * scale
        low = 0.0 if self.at_least is MISSING else self.at_least * scale
        high = LONGEST_DAYS if self.at_most is MISSING else self.at_most * scale
        return low, high


class Hba1c(Section):
    """Glycated haemoglobin, 3-20 % or 9-195 mmol/mol.

    Base unit: percent (NGSP); mmol/mol = (% - 2.15) x 10.929 (CALC-A1C), to one decimal as laboratories print it:
    58 mmol/mol is 7.5 %.
    """

    value: float
    unit: Literal["percent", "mmol_per_mol"]

    @model_validator(mode="after")
    def _in_range_of_its_unit(self) -> Self:
        low, high = (3, 20) if self.unit == "percent" else (9, 195)
        if not low <= self.value <= high:
            raise ValueError(f"outside {low} to {high} {self.unit}; is the unit right?")
        return self

    def bounds(self) -> tuple[float, float]:
        """The value in percent, twice."""
        percent = self.value if self.unit == "percent" else round(self.value / 10.929 + 2.15, 1)
        return percent, percent


class SagittalOffset(Section):
    """A signed plumb-line distance in mm or cm, forward positive. Base unit: mm, -200 to 400."""

    value: float
    unit: Literal["mm", "cm"]

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if not LEAST_OFFSET <= self.bounds()[0] <= MOST_OFFSET:
            raise ValueError("outside -200 to 400 mm (-20 to 40 cm); is the unit right?")
        return self

    def bounds(self) -> tuple[float, float]:
        """The value in mm, twice."""
        millimetres = self.value if self.unit == "mm" else self.value * 10
        return millimetres, millimetres


class NeckDisability(Section):
    """Neck Disability Index, total only: `raw` 0-50 or `percent` 0-100; the scale is always said.

    Base unit: percent.
    """

    value: float
    scale: Literal["raw", "percent"]

    @model_validator(mode="after")
    def _in_range_of_its_scale(self) -> Self:
        high = 50 if self.scale == "raw" else 100
        if not 0 <= self.value <= high:
            raise ValueError(f"outside 0 to {high} on the {self.scale} scale")
        return self

    def bounds(self) -> tuple[float, float]:
        """The value in percent, twice."""
        percent = self.value * 2 if self.scale == "raw" else self.value
        return percent, percent


class MyelopathyScore(Section):
    """Modified JOA score, total only, 0-18; variants with other totals exist, so the version is named."""

    total: Annotated[int, Field(ge=0, le=18)]
    version: Literal["benzel_18"]

    def bounds(self) -> tuple[float, float]:
        """The total, twice."""
        return float(self.total), float(self.total)


MUSCLE_GRADES: dict[str | int, float] = {"4-": 3.67, "4+": 4.33}
MuscleGrade = Annotated[
    Annotated[int, Field(ge=0, le=5)] | Literal["4-", "4", "4+"],
    Field(description="MRC grade, 0 (no contraction) to 5 (full strength)"),
]


def grade_value(grade: int | str) -> float:
    """An MRC grade as a number; "4-" and "4+" lie a third of a grade beside 4."""
    return MUSCLE_GRADES[grade] if grade in MUSCLE_GRADES else float(grade)


Quantity = Duration | Hba1c | SagittalOffset | NeckDisability | MyelopathyScore
QUANTITIES: dict[type[Section], tuple[str, float, float]] = {
    Duration: ("days", 0.0, LONGEST_DAYS),
    Hba1c: ("percent", 3.0, 20.0),
    SagittalOffset: ("mm", -200.0, 400.0),
    NeckDisability: ("percent", 0.0, 100.0),
    MyelopathyScore: ("points", 0.0, 18.0),
}
"""For each quantity: base unit and the hard range in it."""
