"""What a report says about one vertebra or one motion segment (evidence 1.3).

A person read the images; nothing here reads pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import BONE_VIEWS, CROSS_SECTION, Section, ask

Grade03 = Annotated[int, Field(ge=0, le=3)]
Narrowing = Literal["none", "mild", "moderate", "severe", "unspecified"]
ANY_GRADE = {"unspecified": ("mild", "moderate", "severe")}
"""Narrow, in a report that gives no grade."""
_SCT = "http://snomed.info/sct|"


class Spondylolisthesis(Section):
    """A slip.

    Percent is slip over the length of the lower vertebra's upper endplate; Meyerding's grade follows from it, and a
    grade that a report gives bounds it.
    """

    type: (
        Literal["none", "degenerative", "isthmic", "dysplastic", "traumatic", "pathologic", "iatrogenic", "unspecified"]
        | MISSING
    ) = ask(
        "Which kind of slip?",
        label="kind of slip",
        seen_on=BONE_VIEWS,
        stands_for={"unspecified": ("degenerative", "isthmic", "dysplastic", "traumatic", "pathologic", "iatrogenic")},
        codes=(_SCT + "274152003",),
    )
    direction: Literal["antero", "retro", "lateral"] | MISSING = ask(
        "Which way?", label="direction of the slip", seen_on=BONE_VIEWS
    )
    slip_mm: Annotated[float, Field(ge=0, le=60)] | MISSING = ask(
        "How far, in mm?", label="slip", unit="mm", plausible=(0, 40), worse="high", seen_on=BONE_VIEWS, normal=(0, 0)
    )
    slip_percent: Annotated[float, Field(ge=0, le=150)] | MISSING = ask(
        "How far, in percent of the endplate?",
        label="slip",
        unit="percent",
        plausible=(1, 110),
        worse="high",
        seen_on=BONE_VIEWS,
        normal=(0, 0),
    )
    meyerding_grade: Annotated[int, Field(ge=0, le=5)] | MISSING = ask(
        "Meyerding grade as the report gives it (5: spondyloptosis)?",
        label="reported Meyerding grade",
        unit="grade 0-5",
        worse="high",
        seen_on=BONE_VIEWS,
        normal=(0, 0),
    )
    endplate_mm: Annotated[float, Field(ge=10, le=70)] | MISSING = ask(
        "Length of the lower vertebra's upper endplate?",
        label="endplate length",
        unit="mm",
        plausible=(20, 50),
        seen_on=BONE_VIEWS,
    )
    translation_mm: Annotated[float, Field(ge=0, le=30)] | MISSING = ask(
        "How much does it move between flexion and extension?",
        label="movement on flexion-extension",
        unit="mm",
        plausible=(0, 15),
        worse="high",
        seen_on=("radiograph",),
    )
    angulation_deg: Annotated[float, Field(ge=-40, le=60)] | MISSING = ask(
        "How much does the angle change between flexion and extension?",
        label="angle change on flexion-extension",
        unit="degrees",
        plausible=(-10, 30),
        worse="high",
        seen_on=("radiograph",),
    )


class Stenosis(Section):
    """Narrowing, by place; seen on MRI or CT, not on plain films."""

    central: Narrowing | MISSING = ask(
        "Central canal?",
        worse="high",
        label="central stenosis",
        seen_on=CROSS_SECTION,
        stands_for=ANY_GRADE,
        codes=(_SCT + "76107001",),
    )
    foraminal: Narrowing | MISSING = ask(
        "Nerve exit (foramen)?",
        worse="high",
        label="foraminal stenosis",
        seen_on=CROSS_SECTION,
        stands_for=ANY_GRADE,
    )
    lateral_recess: Narrowing | MISSING = ask(
        "Lateral recess?",
        worse="high",
        label="lateral recess stenosis",
        seen_on=CROSS_SECTION,
        stands_for=ANY_GRADE,
    )
    side: Literal["left", "right", "bilateral"] | MISSING = ask(
        "Which side?", label="side of the stenosis", seen_on=CROSS_SECTION
    )


class Herniation(Section):
    """A disc herniation; seen on MRI or CT. Its size alone is no reason for an operation."""

    type: Literal["none", "protrusion", "extrusion", "sequestration", "unspecified"] | MISSING = ask(
        "Is there a herniation, and which kind?",
        label="disc herniation",
        seen_on=CROSS_SECTION,
        stands_for={"unspecified": ("protrusion", "extrusion", "sequestration")},
        codes=(_SCT + "20021007",),
    )
    side: Literal["left", "right", "central", "bilateral"] | MISSING = ask(
        "Which side?", label="side of the herniation", seen_on=CROSS_SECTION
    )
    root_contact: bool | MISSING = ask("Does it touch or press a root?", label="root contact", seen_on=CROSS_SECTION)
    recurrent: bool | MISSING = ask("Is it at an operated disc?", label="recurrent herniation", seen_on=CROSS_SECTION)


class Hardware(Section):
    """Implants at this level."""

    loosening: bool | MISSING = ask("A halo around a screw?", label="screw loosening", seen_on=BONE_VIEWS)
    breakage: bool | MISSING = ask("A broken screw or rod?", label="broken screw or rod", seen_on=BONE_VIEWS)
    cage_migration: bool | MISSING = ask(
        "Has a cage moved or sunk in?", label="cage migration or subsidence", seen_on=BONE_VIEWS
    )
    non_union: bool | MISSING = ask("Is the fusion not solid?", label="non-union", seen_on=BONE_VIEWS)


SEGMENT_FINDINGS = frozenset(
    {
        "spondylolisthesis",
        "disc_height",
        "disc_height_mm",
        "disc_height_loss_percent",
        "facet_arthropathy",
        "facet_effusion",
        "stenosis",
        "herniation",
        "infection_across_disc",
        "vacuum_disc",
    }
)
VERTEBRA_FINDINGS = frozenset({"fracture", "lesion", "pars_defect"})
