"""What the patient, or the desk for the patient, says: where, how long, how bad, and what changed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.triage.vocabulary.declare import Section, ask
from app.triage.vocabulary.quantities import Duration
from app.triage.vocabulary.symptoms import (
    AnteriorNeck,
    Aorta,
    Child,
    Infection,
    InflammatoryBackPain,
    InsensateSpine,
    Meninges,
    NeckArteries,
    Organs,
    Pregnancy,
    TemporalArteries,
)

ComplaintRegion = Literal["cervical", "thoracic", "lumbar", "sacral", "sacroiliac", "coccyx"]
Pain = Annotated[int, Field(ge=0, le=10)]
Side = Literal["none", "left", "right", "bilateral"]
Gait = Literal["normal", "unsteady", "spastic", "foot_drop", "needs_aid", "unable"]
SaddleSensation = Literal["normal", "altered", "absent"]
RootPattern = Literal[
    "non_dermatomal", "C3", "C4", "C5", "C6", "C7", "C8", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10",
    "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5",
]  # fmt: skip
_SCT = "http://snomed.info/sct|"


class Complaint(Section):
    """Symptoms in the patient's words. `regions` is the one thing every consultation must say."""

    regions: Annotated[
        list[ComplaintRegion],
        Field(
            min_length=1, max_length=6, description="Where is the trouble?", json_schema_extra={"x-label": "regions"}
        ),
    ]
    duration: Duration | MISSING = ask("How long has it lasted? A range is welcome.", unit="days")
    first_episode: bool | MISSING = ask("Is this the first episode of such pain?")
    onset: Literal["gradual", "sudden", "traumatic", "post_procedural"] | MISSING = ask("How did it begin?")
    course: Literal["improving", "stable", "fluctuating", "worsening"] | MISSING = ask(
        "Which way is it going?", worse="high"
    )

    back_pain: Pain | MISSING = ask(
        "How bad is the back pain, 0 (none) to 10?", unit="0-10", worse="high", codes=(_SCT + "279039007",)
    )
    neck_pain: Pain | MISSING = ask("How bad is the neck pain, 0 (none) to 10?", unit="0-10", worse="high")
    leg_pain: Pain | MISSING = ask(
        "How bad is the leg pain, 0 (none) to 10?", unit="0-10", worse="high", codes=(_SCT + "23056005",)
    )
    arm_pain: Pain | MISSING = ask("How bad is the arm pain, 0 (none) to 10?", unit="0-10", worse="high")
    dominance: Literal["axial", "limb", "equal"] | MISSING = ask(
        "Which is worse: the spine (axial), the arm or leg (limb), or equal?"
    )
    leg_side: Side | MISSING = ask("Which leg hurts?")
    arm_side: Side | MISSING = ask("Which arm hurts?")
    dermatomes: Annotated[list[RootPattern], Field(min_length=1)] | MISSING = ask(
        "Along which nerve roots does the limb pain or numbness run?", label="root pattern"
    )
    pain_character: (
        Annotated[list[Literal["none", "mechanical", "neuropathic", "localised"]], Field(min_length=1)] | MISSING
    ) = ask(
        "Is the pain worse on loading or moving (mechanical), burning or electric (neuropathic), "
        "at one place (localised), or none of these?"
    )
    relief: (
        Annotated[
            list[Literal["none", "sitting", "bending_forward", "standing_still", "lying", "movement"]],
            Field(min_length=1),
        ]
        | MISSING
    ) = ask("What eases it?")
    neurogenic_claudication: bool | MISSING = ask(
        "Do leg symptoms come on with standing or walking and ease on sitting or bending forward?",
        label="leg symptoms on walking, eased by sitting or bending",
    )
    leg_pain_on_walking: bool | MISSING = ask("Does walking bring on leg pain that makes the patient stop?")
    walking_limited: bool | MISSING = ask("Is the walking distance limited?")
    walking_distance_m: Annotated[float, Field(ge=0, le=50_000)] | MISSING = ask(
        "If limited, how far?", label="walking distance", unit="m"
    )
    night_pain: bool | MISSING = ask("Does the pain wake the patient at night?", group="cancer")
    unremitting_pain: bool | MISSING = ask(
        "Is the pain there all the time, at rest too, and not easing?", group="cancer"
    )
    worse_on_straining: bool | MISSING = ask("Is it worse on coughing, sneezing or straining?")
    unaffected_by_movement: bool | MISSING = ask(
        "Is the pain the same whatever the movement or posture?",
        label="pain unaffected by movement",
        group="vessels_and_organs",
    )
    sudden_severe_pain: bool | MISSING = ask(
        "Did severe pain come on suddenly, worst at once?", group="vessels_and_organs"
    )
    sudden_focal_pain: bool | MISSING = ask(
        "Was there a sudden pain at one spot of the spine, after little or no strain?", group="injury"
    )
    repeat_attendance: bool | MISSING = ask(
        "Has the patient come back about the same pain within days to weeks?",
        label="came back with the same pain",
        group="cancer",
    )

    saddle_sensation: SaddleSensation | MISSING = ask(
        "Is the feeling between the legs, around the genitals and back passage normal? A small patch counts.",
        group="cauda_equina",
    )
    bladder: (
        Annotated[
            list[
                Literal[
                    "normal",
                    "hesitancy",
                    "reduced_flow_sensation",
                    "retention",
                    "overflow_incontinence",
                    "new_urgency",
                    "incontinence",
                ]
            ],
            Field(min_length=1),
        ]
        | MISSING
    ) = ask("What has changed about passing urine?", group="cauda_equina")
    bowel: (
        Annotated[
            list[Literal["normal", "lost_rectal_fullness_sensation", "incontinence", "reduced_tone"]],
            Field(min_length=1),
        ]
        | MISSING
    ) = ask("What has changed about the bowel?", group="cauda_equina")
    sexual_dysfunction: bool | MISSING = ask(
        "Is there a new loss of genital feeling or sexual function?", group="cauda_equina"
    )
    new_bilateral_leg_pain: bool | MISSING = ask(
        "Did pain come suddenly into both legs, or spread from one leg to both?",
        label="new pain into both legs",
        group="cauda_equina",
    )
    cauda_equina_onset: Duration | MISSING = ask(
        "How long ago did the bladder, bowel, saddle or sexual change begin?",
        label="onset of those changes",
        unit="days",
        group="cauda_equina",
    )
    cauda_equina_course: Literal["improving", "stable", "worsening"] | MISSING = ask(
        "Are those changes getting worse?", label="course of those changes", worse="high", group="cauda_equina"
    )

    limb_weakness: bool | MISSING = ask("Is an arm or leg weak?", group="weakness", label="weakness of a limb")
    weakness_course: Literal["improving", "stable", "worsening"] | MISSING = ask(
        "Is the weakness getting worse?", label="course of the weakness", worse="high", group="weakness"
    )
    weakness_onset: Duration | MISSING = ask(
        "How long ago did the weakness begin?", label="onset of the weakness", unit="days", group="weakness"
    )
    weakness_speed: Literal["weeks_or_longer", "minutes_to_days"] | MISSING = ask(
        "Did it come on over minutes to days?", label="how fast the weakness came", worse="high", group="weakness"
    )
    weakness_in_both_legs: bool | MISSING = ask("Are both legs weak?", group="weakness")
    ascending_weakness: bool | MISSING = ask(
        "Is the weakness climbing from the legs upward, or is breathing harder?", group="weakness"
    )
    numbness: (
        Annotated[list[Literal["none", "left_arm", "right_arm", "left_leg", "right_leg", "trunk"]], Field(min_length=1)]
        | MISSING
    ) = ask("Where is feeling newly lost or changed?", group="weakness", label="new numbness")
    gait: Gait | MISSING = ask("How is the walking?", group="cord", label="walking, as told")
    hand_clumsiness: bool | MISSING = ask(
        "Are buttons, writing or holding things harder?", group="cord", label="clumsy hands"
    )
    lhermitte: bool | MISSING = ask("Do electric shocks run down the back on bending the neck?", group="cord")
    balance_or_hands_course: Literal["improving", "stable", "worsening"] | MISSING = ask(
        "Are balance or hands getting worse?", label="course of balance or hand trouble", worse="high", group="cord"
    )
    balance_or_hands_speed: Literal["weeks_or_longer", "within_days"] | MISSING = ask(
        "Did that change within days?", label="how fast balance or hands changed", worse="high", group="cord"
    )

    infection: Infection | MISSING = MISSING
    neck_arteries: NeckArteries | MISSING = MISSING
    meninges: Meninges | MISSING = MISSING
    temporal_arteries: TemporalArteries | MISSING = MISSING
    aorta: Aorta | MISSING = MISSING
    organs: Organs | MISSING = MISSING
    anterior_neck: AnteriorNeck | MISSING = MISSING
    child: Child | MISSING = MISSING
    pregnancy: Pregnancy | MISSING = MISSING
    insensate_spine: InsensateSpine | MISSING = MISSING
    inflammatory: InflammatoryBackPain | MISSING = MISSING
