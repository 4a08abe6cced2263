"""What a clinician found by hand. MRC 5 is full strength."""

from __future__ import annotations

from math import nextafter
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, Field

from app.triage.vocabulary.complaint import Gait, SaddleSensation
from app.triage.vocabulary.declare import Section, ask
from app.triage.vocabulary.levels import ROOTS, check_root
from app.triage.vocabulary.quantities import Duration, MuscleGrade

SADDLE_ROOTS = ("S2", "S3", "S4", "S5")
Root = Annotated[str, AfterValidator(check_root), Field(json_schema_extra={"enum": list(ROOTS)})]
Movement = Literal[
    "shoulder_abduction",
    "elbow_flexion",
    "wrist_extension",
    "elbow_extension",
    "finger_flexion",
    "finger_abduction",
    "hip_flexion",
    "knee_extension",
    "ankle_dorsiflexion",
    "great_toe_extension",
    "ankle_plantarflexion",
    "ankle_eversion",
]


class MotorFinding(Section):
    """Strength of one movement on one side."""

    movement: Movement = Field(description="Which movement?", json_schema_extra={"x-label": "movement"})
    side: Literal["left", "right", "both"] = Field(description="Which side?", json_schema_extra={"x-label": "side"})
    grade: MuscleGrade | MISSING = ask(
        "MRC grade?", label="MRC grade", unit="MRC 0-5", worse="low", group="weakness", normal=(5, 5)
    )
    onset: Duration | MISSING = ask(
        "How long ago did it begin?", label="onset of the weakness", unit="days", group="weakness"
    )
    course: Literal["improving", "stable", "worsening"] | MISSING = ask(
        "Is it getting worse?", label="course of the weakness", worse="high", group="weakness"
    )


class SensoryFinding(Section):
    """Feeling in one root's area on one side."""

    root: Root = Field(description="Which root's area?")
    side: Literal["left", "right", "both"] = Field(description="Which side?")
    kind: Literal["normal", "reduced", "absent", "altered"] = Field(description="How is feeling there?")


class Examination(Section):
    """Clinical findings; each sign is its own yes or no."""

    motor: Annotated[list[MotorFinding], Field(min_length=1, max_length=48)] | MISSING = ask(
        "Which movements are weak, on which side, of what MRC grade, since when, and is it getting worse?",
        label="graded strength",
    )
    power_otherwise_normal: bool | MISSING = ask("Was all other power normal (MRC 5)?", worse="low")
    sensory: Annotated[list[SensoryFinding], Field(min_length=1, max_length=64)] | MISSING = ask(
        "How is feeling, root by root?", label="feeling by root"
    )
    sensation_otherwise_normal: bool | MISSING = ask(
        "Was feeling normal wherever it is not listed as changed?", worse="low"
    )
    perianal_sensation: SaddleSensation | MISSING = ask(
        "Was feeling around the back passage normal on examination?", group="cauda_equina"
    )
    anal_tone: Literal["normal", "reduced", "absent"] | MISSING = ask("Was anal tone normal?", group="cauda_equina")
    post_void_residual_ml: Annotated[int, Field(ge=0, le=3000)] | MISSING = ask(
        "Urine left after passing water?",
        label="post-void residual",
        unit="mL",
        plausible=(0, 1500),
        reported=True,
        group="cauda_equina",
        normal=(0, 199),
    )
    pre_void_ml: Annotated[int, Field(ge=0, le=3000)] | MISSING = ask(
        "Bladder volume before passing water?", label="pre-void volume", unit="mL"
    )
    gait: Gait | MISSING = ask("How was the walking on examination?", label="walking, as examined", group="cord")
    hoffmann: bool | MISSING = ask("Hoffmann's sign?", group="cord")
    inverted_supinator: bool | MISSING = ask("Inverted supinator sign?", group="cord")
    clonus: bool | MISSING = ask("Clonus?", group="cord")
    babinski: bool | MISSING = ask("Babinski's sign?", group="cord")
    hyperreflexia: bool | MISSING = ask("Brisk reflexes?", group="cord")
    sensory_level: bool | MISSING = ask("A level on the trunk below which feeling is changed?", group="cord")
    injury_neurology: (
        Literal["intact", "recovered", "root", "incomplete_cord", "complete_cord", "cauda_equina", "not_examinable"]
        | MISSING
    ) = ask(
        "After the injury, what did the examination of the nerves show (recovered: a loss that has passed)?",
        label="nerves after the injury",
    )
    straight_leg_raise: bool | MISSING = ask("Is straight-leg raising positive?")
    spurling: bool | MISSING = ask("Is Spurling's test positive?")
    pain_at_broken_level: bool | MISSING = ask(
        "If a vertebra is broken: does examination find the pain at that level?",
        label="pain found at the broken level on examination",
    )
    focal_spinal_tenderness: bool | MISSING = ask("Is one spot of the spine tender?")
    temperature_c: Annotated[float, Field(ge=30, le=45)] | MISSING = ask(
        "Body temperature?",
        label="temperature",
        unit="degrees Celsius",
        plausible=(35, 42),
        group="infection",
        normal=(35, nextafter(38, 35)),
    )
    raised_inflammatory_markers: bool | MISSING = ask(
        "Are ESR or CRP raised?", group="infection", label="raised ESR or CRP"
    )
    pedal_pulses: Literal["normal", "weak", "absent"] | MISSING = ask("How are the foot pulses?", label="foot pulses")
    ankle_brachial_index: Annotated[float, Field(ge=0, le=2)] | MISSING = ask(
        "Ankle-brachial index?", unit="ratio", plausible=(0.3, 1.4)
    )
    hip_rotation_limited: bool | MISSING = ask(
        "Is inward rotation of the hip limited or painful?", label="limited or painful hip rotation"
    )
    groin_pain: bool | MISSING = ask("Is there groin pain?")
    sacroiliac_tests_positive: Annotated[int, Field(ge=0, le=5)] | MISSING = ask(
        "How many of five sacroiliac tests (distraction, compression, thigh thrust, FABER, Gaenslen) are positive?",
        label="positive sacroiliac tests",
        unit="of 5",
    )
    pain_below_l5_at_sacral_sulcus: bool | MISSING = ask(
        "Is pain worst below L5, at the sacral sulcus?", label="pain worst below L5, at the sacral sulcus"
    )
