"""Imaging reports: each belongs to a modality and a date and lists findings by level.

A report may say which regions it covered completely.
"""

from __future__ import annotations

import datetime as dt
from math import nextafter
from typing import Annotated, Any, Literal, Self

from pydantic import MISSING, AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from app.triage.vocabulary.bones import Fracture, Lesion, Percent
from app.triage.vocabulary.declare import BONE_VIEWS, CROSS_SECTION, MRI_ONLY, Modality, Section, ask
from app.triage.vocabulary.findings import (
    SEGMENT_FINDINGS,
    VERTEBRA_FINDINGS,
    Grade03,
    Hardware,
    Herniation,
    Spondylolisthesis,
    Stenosis,
)
from app.triage.vocabulary.joints import Sacroiliac, UpperCervical
from app.triage.vocabulary.levels import LEVELS, Region, check_level, is_segment
from app.triage.vocabulary.quantities import SagittalOffset

Angle = Annotated[float, Field(ge=-60, le=120)]


class LevelFindings(Section):
    """Everything one report says about one level.

    Discs, slips and stenosis belong to segments (L4-L5); fractures and lesions to vertebrae (L1).
    """

    level: Annotated[
        str,
        AfterValidator(check_level),
        Field(description="Vertebra (L4) or motion segment (L4-L5)", json_schema_extra={"enum": list(LEVELS)}),
    ]
    spondylolisthesis: Spondylolisthesis | MISSING = MISSING
    disc_height: Literal["normal", "mild_loss", "moderate_loss", "severe_loss", "collapsed"] | MISSING = ask(
        "Disc height?",
        worse="high",
        label="disc height",
        seen_on=BONE_VIEWS,
        codes=("http://snomed.info/sct|26538006",),
    )
    disc_height_mm: Annotated[float, Field(ge=0, le=25)] | MISSING = ask(
        "Disc height in mm?", label="disc height", unit="mm", worse="low", seen_on=BONE_VIEWS
    )
    disc_height_loss_percent: Percent | MISSING = ask(
        "Disc height loss in percent?", label="disc height loss", unit="percent", worse="high", seen_on=BONE_VIEWS
    )
    osteophytes: Grade03 | MISSING = ask(
        "Bony spurs, 0-3?", label="osteophytes", unit="grade 0-3", worse="high", seen_on=BONE_VIEWS, normal=(0, 0)
    )
    facet_arthropathy: Grade03 | MISSING = ask(
        "Facet joint wear, 0-3?",
        label="facet arthropathy",
        unit="grade 0-3",
        worse="high",
        seen_on=BONE_VIEWS,
        normal=(0, 0),
    )
    facet_effusion: bool | MISSING = ask("Fluid in the facet joints?", label="facet effusion", seen_on=MRI_ONLY)
    pars_defect: Literal["none", "unilateral", "bilateral"] | MISSING = ask(
        "A gap in the pars?", label="pars defect", seen_on=BONE_VIEWS
    )
    stenosis: Stenosis | MISSING = MISSING
    herniation: Herniation | MISSING = MISSING
    cord_compression: bool | MISSING = ask(
        "Is the cord compressed?", label="cord compression", group="cord", seen_on=CROSS_SECTION, ruled_out_on=MRI_ONLY
    )
    cord_signal_change: bool | MISSING = ask(
        "Signal change in the cord?", label="cord signal change", group="cord", seen_on=MRI_ONLY
    )
    ossified_ligament_occupancy_percent: Percent | MISSING = ask(
        "Canal taken by an ossified ligament (OPLL)?",
        label="canal taken by ossified ligament",
        unit="percent",
        worse="high",
        seen_on=CROSS_SECTION,
        ruled_out_on=("ct", "ct_myelography"),
        normal=(0, 0),
    )
    infection_across_disc: bool | MISSING = ask(
        "Both endplates worn away across a narrowed disc?",
        label="endplate destruction across a disc",
        seen_on=BONE_VIEWS,
        ruled_out_on=MRI_ONLY,
        group="infection",
    )
    epidural_abscess: bool | MISSING = ask(
        "An epidural abscess?",
        label="epidural abscess",
        seen_on=CROSS_SECTION,
        ruled_out_on=MRI_ONLY,
        group="infection",
    )
    epidural_haematoma: bool | MISSING = ask(
        "An epidural or subdural haematoma?",
        label="epidural haematoma",
        seen_on=CROSS_SECTION,
        ruled_out_on=MRI_ONLY,
        group="vessels_and_organs",
    )
    fracture: Fracture | MISSING = MISSING
    lesion: Lesion | MISSING = MISSING
    hardware: Hardware | MISSING = MISSING
    canal_diameter_mm: Annotated[float, Field(ge=3, le=40)] | MISSING = ask(
        "Canal diameter?",
        label="canal diameter",
        unit="mm",
        worse="low",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        normal=(13, 40),
    )
    body_diameter_mm: Annotated[float, Field(ge=5, le=60)] | MISSING = ask(
        "Depth of the vertebral body, front to back?", label="vertebral body depth", unit="mm", seen_on=BONE_VIEWS
    )
    torg_pavlov: Annotated[float, Field(ge=0.2, le=2)] | MISSING = ask(
        "Torg-Pavlov ratio?", label="Torg-Pavlov ratio", unit="ratio", worse="low", seen_on=("radiograph",)
    )

    @model_validator(mode="after")
    def _belongs_to_its_kind_of_level(self) -> Self:
        stated = self.model_fields_set
        misplaced = stated & (VERTEBRA_FINDINGS if is_segment(self.level) else SEGMENT_FINDINGS)
        if misplaced:
            kind, right = ("vertebra", "L4") if is_segment(self.level) else ("motion segment", "L4-L5")
            raise ValueError(f"{', '.join(sorted(misplaced))} belongs to a {kind} such as {right}, not to {self.level}")
        return self


class Alignment(Section):
    """Angles and balance on long standing films; lordosis is positive, and may be negative."""

    cobb_deg: Annotated[float, Field(ge=0, le=180)] | MISSING = ask(
        "Largest Cobb angle?",
        label="Cobb angle",
        unit="degrees",
        worse="high",
        codes=("http://snomed.info/sct|298382003",),
    )
    pelvic_incidence_deg: Annotated[float, Field(ge=10, le=120)] | MISSING = ask(
        "Pelvic incidence?", unit="degrees", plausible=(25, 105)
    )
    lumbar_lordosis_deg: Angle | MISSING = ask(
        "Lumbar lordosis? Negative is kyphosis.", unit="degrees", plausible=(-20, 90)
    )
    pelvic_tilt_deg: Annotated[float, Field(ge=-20, le=70)] | MISSING = ask(
        "Pelvic tilt?", unit="degrees", worse="high"
    )
    sacral_slope_deg: Annotated[float, Field(ge=-30, le=90)] | MISSING = ask("Sacral slope?", unit="degrees")
    sagittal_vertical_axis: SagittalOffset | MISSING = ask("Sagittal vertical axis?", unit="mm", worse="high")
    thoracic_kyphosis_deg: Angle | MISSING = ask("Thoracic kyphosis?", unit="degrees")
    t1_pelvic_angle_deg: Annotated[float, Field(ge=-20, le=60)] | MISSING = ask("T1 pelvic angle?", unit="degrees")
    cervical_sagittal_axis: SagittalOffset | MISSING = ask("Cervical sagittal vertical axis?", unit="mm", worse="high")
    cervical_lordosis_deg: Annotated[float, Field(ge=-60, le=80)] | MISSING = ask(
        "C2-C7 lordosis? Negative is kyphosis.", unit="degrees"
    )
    curve_progression: bool | MISSING = ask("Has the curve grown between films?")


def _day(value: object) -> dt.date:
    """A calendar day from its text; a number of seconds is not a day."""
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-11-23") else "")
    except ValueError:
        raise ValueError("not a day; write it as 2026-11-23") from None


class Report(Section):
    """One imaging report.

    `covers` names regions it speaks for completely: what it does not list there was looked for and not seen.
    """

    modality: Modality = Field(description="Which kind of imaging?")
    date: Annotated[dt.date, BeforeValidator(_day)] | MISSING = Field(
        default=MISSING, description="Day of the examination (ISO 8601, such as 2026-11-23)"
    )
    views: (
        Annotated[
            list[
                Literal[
                    "ap",
                    "lateral",
                    "standing_ap",
                    "standing_lateral",
                    "supine",
                    "flexion",
                    "extension",
                    "oblique",
                    "open_mouth",
                    "full_spine_standing",
                    "stir",
                    "contrast",
                ]
            ],
            Field(min_length=1),
        ]
        | MISSING
    ) = Field(default=MISSING, description="Views or sequences")
    covers: Annotated[list[Region], Field(min_length=1)] | MISSING = Field(
        default=MISSING, description="Regions the report speaks for completely"
    )
    confidence: Literal["low", "moderate", "high"] | MISSING = Field(
        default=MISSING, description="How sure was the reader of the images?"
    )
    measured_by: Annotated[str, Field(min_length=1, max_length=80)] | MISSING = Field(
        default=MISSING, description="Role of who measured, such as radiologist"
    )
    transitional_anatomy: (
        Literal["none", "lumbarised_s1", "sacralised_l5", "eleven_ribs", "thirteen_ribs"] | MISSING
    ) = ask("Transitional anatomy?")
    levels: Annotated[list[LevelFindings], Field(min_length=1, max_length=60)] | MISSING = MISSING
    alignment: Alignment | MISSING = MISSING
    upper_cervical: UpperCervical | MISSING = MISSING
    sacroiliac: Sacroiliac | MISSING = MISSING
    ankylosis: Literal["none", "dish", "bamboo"] | MISSING = ask(
        "Is the spine fused in a long stretch?", label="ankylosis on imaging"
    )
    several_fractures: bool | MISSING = ask(
        "Are two or more vertebrae broken?", label="several vertebral fractures", group="cancer"
    )
    narrowed_neck_levels: Annotated[int, Field(ge=0, le=7)] | MISSING = ask(
        "At how many levels of the neck is the canal narrow or the cord pressed?",
        label="narrowed levels of the neck",
        unit="levels",
        worse="high",
    )
    aorta_diameter_mm: Annotated[float, Field(ge=10, le=150)] | MISSING = ask(
        "Width of the aorta?",
        label="aortic diameter",
        unit="mm",
        worse="high",
        group="vessels_and_organs",
        normal=(10, nextafter(30, 10)),
    )
    l1_bone_density_hu: Annotated[float, Field(ge=-200, le=600)] | MISSING = ask(
        "Density of the spongy bone of L1 on CT?",
        label="density of L1 on CT",
        unit="HU",
        plausible=(0, 300),
        worse="low",
    )
    hip_osteoarthritis: Literal["none", "mild", "moderate", "severe"] | MISSING = ask("Hip joint wear?", worse="high")

    @model_validator(mode="after")
    def _shows_what_its_modality_can_show(self) -> Self:
        for row in () if self.levels is MISSING else self.levels:
            for name, able in _beyond(row, self.modality):
                right = " or ".join(able)
                raise ValueError(f"a {self.modality} cannot show {name} ({row.level}); report it under the {right}")
        return self


def _beyond(part: BaseModel, modality: str, prefix: str = "") -> list[tuple[str, list[str]]]:
    """Stated findings that this modality cannot show, with the modalities that can."""
    found: list[tuple[str, list[str]]] = []
    fields = type(part).model_fields
    for name in part.model_fields_set:
        value = getattr(part, name)
        if isinstance(value, Section):
            found += _beyond(value, modality, f"{prefix}{name}.")
            continue
        extra: Any = fields[name].json_schema_extra or {}
        able = extra.get("x-seen-on")
        if able and modality not in able:
            found.append((prefix + name, able))
    return found
