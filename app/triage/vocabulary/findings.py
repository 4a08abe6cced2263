"""What a report says about one vertebra or one motion segment (evidence 1.3).

A person read the images; nothing here reads pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import BONE_VIEWS, CROSS_SECTION, MRI_ONLY, Section, ask

Percent = Annotated[float, Field(ge=0, le=100)]
Grade03 = Annotated[int, Field(ge=0, le=3)]
Narrowing = Literal["none", "mild", "moderate", "severe"]
_SCT = "http://snomed.info/sct|"


class Spondylolisthesis(Section):
    """A slip.

    Percent is slip over the length of the lower vertebra's upper endplate; Meyerding's grade is derived, never
    asked.
    """

    type: (
        Literal["none", "degenerative", "isthmic", "dysplastic", "traumatic", "pathologic", "iatrogenic"] | MISSING
    ) = ask("Which kind of slip?", label="kind of slip", seen_on=BONE_VIEWS, codes=(_SCT + "274152003",))
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
        "Central canal?", worse="high", label="central stenosis", seen_on=CROSS_SECTION, codes=(_SCT + "76107001",)
    )
    foraminal: Narrowing | MISSING = ask(
        "Nerve exit (foramen)?", worse="high", label="foraminal stenosis", seen_on=CROSS_SECTION
    )
    lateral_recess: Narrowing | MISSING = ask(
        "Lateral recess?", worse="high", label="lateral recess stenosis", seen_on=CROSS_SECTION
    )
    side: Literal["left", "right", "bilateral"] | MISSING = ask(
        "Which side?", label="side of the stenosis", seen_on=CROSS_SECTION
    )


class Herniation(Section):
    """A disc herniation; seen on MRI or CT. Its size alone is no reason for an operation."""

    type: Literal["none", "protrusion", "extrusion", "sequestration"] | MISSING = ask(
        "Is there a herniation, and which kind?",
        label="disc herniation",
        seen_on=CROSS_SECTION,
        codes=(_SCT + "20021007",),
    )
    side: Literal["left", "right", "central", "bilateral"] | MISSING = ask(
        "Which side?", label="side of the herniation", seen_on=CROSS_SECTION
    )
    root_contact: bool | MISSING = ask("Does it touch or press a root?", label="root contact", seen_on=CROSS_SECTION)
    recurrent: bool | MISSING = ask("Is it at an operated disc?", label="recurrent herniation", seen_on=CROSS_SECTION)


class Fracture(Section):
    """A vertebral fracture."""

    age: Literal["none", "old", "recent"] | MISSING = ask(
        "Is there a fracture, and is it recent?",
        worse="high",
        label="vertebral fracture",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
        codes=(_SCT + "42942008",),
    )
    morphology: (
        Literal[
            "process_only",
            "compression",
            "pincer",
            "incomplete_burst",
            "complete_burst",
            "chance",
            "flexion_distraction",
            "extension_distraction",
            "translation",
            "hangman",
            "jefferson",
        ]
        | MISSING
    ) = ask("Which shape?", label="fracture shape", seen_on=BONE_VIEWS, ruled_out_on=CROSS_SECTION, group="injury")
    odontoid_type: Literal["none", "type_1", "type_2", "type_3"] | MISSING = ask(
        "Odontoid fracture type?",
        label="odontoid fracture",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
    )
    height_loss_percent: Percent | MISSING = ask(
        "Height loss?",
        label="height loss",
        unit="percent",
        worse="high",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
        normal=(0, 0),
    )
    kyphosis_deg: Annotated[float, Field(ge=-40, le=120)] | MISSING = ask(
        "Local kyphosis?",
        label="local kyphosis",
        unit="degrees",
        worse="high",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
        normal=(-40, 0),
    )
    posterior_wall: bool | MISSING = ask(
        "Is the back wall of the body broken?",
        label="posterior wall involved",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
    )
    retropulsion_percent: Percent | MISSING = ask(
        "Canal taken by fragments?",
        label="canal taken by fragments",
        unit="percent",
        worse="high",
        seen_on=CROSS_SECTION,
        group="injury",
        normal=(0, 0),
    )
    posterior_elements: bool | MISSING = ask(
        "Are posterior elements broken?",
        label="posterior elements broken",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
    )
    ligament_complex: Literal["intact", "indeterminate", "disrupted"] | MISSING = ask(
        "Posterior ligaments?",
        worse="high",
        label="posterior ligament complex",
        seen_on=CROSS_SECTION,
        ruled_out_on=MRI_ONLY,
        group="injury",
    )
    interspinous_widening: bool | MISSING = ask(
        "Is the gap between spinous processes wide?",
        label="interspinous widening",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
    )
    marrow_oedema: bool | MISSING = ask(
        "Marrow oedema on MRI (unhealed)?", label="marrow oedema", seen_on=MRI_ONLY, group="injury"
    )


class Lesion(Section):
    """A bone lesion. Films may show none until about half of the body is destroyed."""

    type: Literal["none", "blastic", "mixed", "lytic"] | MISSING = ask(
        "Is there a bone lesion, and which kind?",
        label="bone lesion",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="cancer",
    )
    body_involved_percent: Percent | MISSING = ask(
        "How much of the body?",
        label="body involved",
        unit="percent",
        worse="high",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="cancer",
        normal=(0, 0),
    )
    alignment: Literal["normal", "new_kyphosis_or_scoliosis", "subluxation"] | MISSING = ask(
        "Alignment at the lesion?",
        worse="high",
        label="alignment at the lesion",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="cancer",
    )
    collapse: Literal["none", "half_or_less", "more_than_half"] | MISSING = ask(
        "Collapse at the lesion?",
        worse="high",
        label="collapse at the lesion",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="cancer",
    )
    posterolateral: Literal["none", "unilateral", "bilateral"] | MISSING = ask(
        "Posterolateral elements?",
        worse="high",
        label="posterolateral involvement",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="cancer",
    )
    soft_tissue_mass: bool | MISSING = ask(
        "A soft-tissue mass?", label="soft-tissue mass", seen_on=CROSS_SECTION, group="cancer"
    )


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
