"""What imaging shows of one vertebra's bone: a fracture, a lesion."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import BONE_VIEWS, CROSS_SECTION, MRI_ONLY, Section, ask

Percent = Annotated[float, Field(ge=0, le=100)]
_SCT = "http://snomed.info/sct|"


class Fracture(Section):
    """A vertebral fracture."""

    age: Literal["none", "old", "recent", "unspecified"] | MISSING = ask(
        "Is there a fracture, and is it recent?",
        worse="high",
        stands_for={"unspecified": ("old", "recent")},
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
            "burst",
            "chance",
            "flexion_distraction",
            "extension_distraction",
            "translation",
            "hangman",
            "jefferson",
        ]
        | MISSING
    ) = ask(
        "Which shape?",
        label="fracture shape",
        seen_on=BONE_VIEWS,
        ruled_out_on=CROSS_SECTION,
        group="injury",
        stands_for={"burst": ("incomplete_burst", "complete_burst")},
    )
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
    genant_grade: Annotated[int, Field(ge=0, le=3)] | MISSING = ask(
        "Genant grade as the report gives it?",
        label="reported Genant grade",
        unit="grade 0-3",
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

    type: Literal["none", "blastic", "mixed", "lytic", "unspecified"] | MISSING = ask(
        "Is there a bone lesion, and which kind?",
        label="bone lesion",
        seen_on=BONE_VIEWS,
        stands_for={"unspecified": ("blastic", "mixed", "lytic")},
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
