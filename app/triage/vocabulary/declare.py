"""How one field of the vocabulary is declared.

The request schema, the form, the rules' fact names and `GET /v1/vocabulary` all read this. A field that was not
answered is `MISSING`, pydantic's word for "not in the document". There is no other way to leave something out: `null`
is refused, an empty list is refused, and "asked, but not known" is said once, in `not_known`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import MISSING, BaseModel, ConfigDict, Field

Group = Literal[
    "cauda_equina", "weakness", "infection", "cancer", "injury", "cord", "vessels_and_organs", "mood", "reports"
]
Modality = Literal["radiograph", "ct", "mri", "ct_myelography", "bone_scan", "ultrasound", "dxa"]
Span = tuple[float, float]

EVERY_MODALITY: tuple[Modality, ...] = ("radiograph", "ct", "mri", "ct_myelography", "bone_scan", "ultrasound", "dxa")
CROSS_SECTION: tuple[Modality, ...] = ("ct", "mri", "ct_myelography")
BONE_VIEWS: tuple[Modality, ...] = ("radiograph", "ct", "mri", "ct_myelography")
MRI_ONLY: tuple[Modality, ...] = ("mri",)


class Section(BaseModel):
    """One part of a consultation: unknown keys and values of another type are refused, never coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def ask(  # noqa: PLR0913  # one keyword for each thing a field may say about itself
    question: str,
    *,
    label: str | None = None,
    unit: str | None = None,
    plausible: Span | None = None,
    group: Group | None = None,
    normal: Span | None = None,
    worse: Literal["high", "low"] | None = None,
    seen_on: tuple[Modality, ...] | None = None,
    ruled_out_on: tuple[Modality, ...] | None = None,
    reported: bool = False,
    stands_for: Mapping[str, tuple[str, ...]] | None = None,
    codes: tuple[str, ...] = (),
) -> Any:
    """Declare one answerable field.

    question   what a person would ask, in plain words
    label      how a note names the fact; by default the field's name
    unit       unit of a number, never guessed
    plausible  values outside are accepted with a warning (the hard range is the type's)
    group      the screening group whose "none" answers this one "no" (a list's first value is its "no")
    normal     for a number in a group or a covered report: the span that "no" stands for
    worse      which of two disagreeing readings counts; without it both stay possible
    seen_on    the modalities that can show an imaging finding
    ruled_out_on  those of them whose silence, in a report that covers the region, means that it is not there
    stands_for words that leave several of the values possible, such as a grade that a report does not give
    reported   a measurement that stands in a report or scan, so that the `reports` screen answers it too
    codes      `system|code` pairs that were verified
    """
    extra: dict[str, Any] = {
        key: value
        for key, value in {
            "x-label": label,
            "x-unit": unit,
            "x-plausible": list(plausible) if plausible else None,
            "x-screening-group": group,
            "x-normal": list(normal) if normal else None,
            "x-worse": worse,
            "x-seen-on": list(seen_on) if seen_on else None,
            "x-ruled-out-on": list(ruled_out_on) if ruled_out_on else None,
            "x-reported": reported or None,
            "x-stands-for": {word: list(values) for word, values in stands_for.items()} if stands_for else None,
            "x-codes": list(codes) or None,
        }.items()
        if value is not None
    }
    return Field(default=MISSING, description=question, json_schema_extra=extra)
