"""What was there before: illnesses, medicines, operations, injuries."""

from __future__ import annotations

from math import nextafter
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, Field

from app.triage.vocabulary.declare import Section, ask
from app.triage.vocabulary.levels import LEVELS, check_level
from app.triage.vocabulary.quantities import LONGEST_DAYS, Duration, Hba1c

Level = Annotated[str, AfterValidator(check_level), Field(json_schema_extra={"enum": list(LEVELS)})]
RECENT_DAYS = 84.0
"""The 12 weeks that questions about recent procedures mean."""
RecentProcedure = Literal[
    "none",
    "injection",
    "epidural",
    "spinal_anaesthetic",
    "lumbar_puncture",
    "stimulator_lead",
    "spine_surgery",
    "anterior_neck_surgery",
    "aortic_surgery",
]


class PriorSurgery(Section):
    """One earlier spinal operation."""

    kind: Literal[
        "discectomy",
        "decompression",
        "fusion",
        "disc_replacement",
        "deformity_correction",
        "tumour_or_infection",
        "other",
    ] = Field(description="Which kind of operation?", json_schema_extra={"x-label": "kind of operation"})
    levels: Annotated[list[Level], Field(min_length=1)] | MISSING = ask("At which levels?", label="operated levels")
    ago: Duration | MISSING = ask(
        "How long ago?",
        label="time since the operation",
        unit="days",
        group="infection",
        normal=(nextafter(RECENT_DAYS, LONGEST_DAYS), LONGEST_DAYS),
    )
    hardware: bool | MISSING = ask("Were implants left in?", label="implants")
    approach: Literal["anterior", "posterior", "lateral", "combined"] | MISSING = ask(
        "From which side?", label="approach"
    )


class History(Section):
    """Earlier and present conditions. "No" is said, never assumed."""

    age_at_onset: Annotated[int, Field(ge=0, le=120)] | MISSING = ask(
        "How old was the patient when this kind of pain first began?", unit="years"
    )
    cancer: Literal["none", "past", "current", "suspected"] | MISSING = ask(
        "Has there been cancer?", group="cancer", label="cancer"
    )
    cancer_types: (
        Annotated[
            list[
                Literal[
                    "breast",
                    "prostate",
                    "lung",
                    "kidney",
                    "thyroid",
                    "myeloma",
                    "lymphoma",
                    "bowel",
                    "melanoma",
                    "other",
                ]
            ],
            Field(min_length=1),
        ]
        | MISSING
    ) = ask("Which cancer?", group="cancer")
    known_spinal_metastasis: bool | MISSING = ask("Is cancer in the spine known?", group="cancer")
    weight_loss: bool | MISSING = ask("Any weight loss without trying?", group="cancer")
    weight_lost_kg: Annotated[float, Field(ge=0, le=150)] | MISSING = ask(
        "How much weight?", unit="kg", plausible=(0, 60), group="cancer", normal=(0, 0)
    )
    unexplained_anaemia: bool | MISSING = ask("Any unexplained anaemia?", group="cancer")
    high_calcium: bool | MISSING = ask("Is blood calcium raised?", group="cancer", label="raised blood calcium")

    immunosuppression: bool | MISSING = ask("Is immunity weakened by illness or medicine?", group="infection")
    iv_drug_use: bool | MISSING = ask("Are drugs injected, now or recently?", group="infection", label="drug injecting")
    dialysis: bool | MISSING = ask("Is the patient on dialysis?", group="infection")
    hiv: bool | MISSING = ask("Is there HIV infection?", group="infection", label="HIV")
    diabetes: bool | MISSING = ask("Is there diabetes?")
    recent_serious_infection: bool | MISSING = ask(
        "A serious infection, blood poisoning or infected heart valve in the last 12 weeks?", group="infection"
    )
    recent_staph_bacteraemia: bool | MISSING = ask(
        "Staphylococcus aureus in the blood in the last 12 weeks?",
        group="infection",
        label="recent S. aureus in the blood",
    )
    tuberculosis_risk: bool | MISSING = ask(
        "Past tuberculosis, contact with it, or origin where it is common?",
        group="infection",
        label="risk of tuberculosis",
    )
    recent_procedures: Annotated[list[RecentProcedure], Field(min_length=1)] | MISSING = ask(
        "Any injection, puncture, anaesthetic or operation near the spine (or aorta) in the last 12 weeks? "
        "Injections into neck or back muscles count.",
        group="infection",
        label="procedures in the last 12 weeks",
    )
    since_procedure: Duration | MISSING = ask(
        "How long ago was the latest of these?", label="time since the latest procedure", unit="days", group="infection"
    )
    prior_surgery: Annotated[list[PriorSurgery], Field(min_length=1)] | MISSING = ask(
        "Which earlier operations of the spine, at which levels, and how long ago?", label="earlier operations"
    )
    spine_surgery: bool | MISSING = ask(
        "Was the spine ever operated on?",
        label="earlier spine surgery",
        codes=("http://hl7.org/fhir/sid/icd-10-cm|Z98.1",),
    )

    steroids: Literal["none", "short", "prolonged"] | MISSING = ask(
        "Steroid tablets: none, a short course, or three months or more?", group="injury", label="steroid tablets"
    )
    osteoporosis: Literal["none", "osteopenia", "osteoporosis"] | MISSING = ask(
        "Is bone density known to be low?", label="bone density"
    )
    t_score: Annotated[float, Field(ge=-8, le=6)] | MISSING = ask(
        "Lowest T-score?", label="T-score", unit="SD", plausible=(-5, 3)
    )
    trauma: (
        Literal[
            "none",
            "minor_strain",
            "low_energy_fall",
            "fall_1m_or_5_stairs",
            "axial_load_to_head",
            "high_speed_collision",
            "rollover_or_ejection",
            "bicycle_collision",
            "motorised_recreational_vehicle",
            "lap_belt_injury",
            "other",
        ]
        | MISSING
    ) = ask("Was there an injury, and how?", group="injury", label="injury")
    since_trauma: Duration | MISSING = ask(
        "How long ago was the injury?", label="time since the injury", unit="days", group="injury"
    )
    symptoms_after_trauma: bool | MISSING = ask(
        "Since the injury: any weakness, numbness, tingling in the limbs or bladder change, even if it passed?",
        group="injury",
        label="nerve symptoms since the injury",
    )
    ankylosing_disease: Literal["none", "axial_spondyloarthritis", "dish"] | MISSING = ask(
        "Is the spine known to be stiffened (ankylosing spondylitis, DISH)?"
    )
    rheumatoid_arthritis: bool | MISSING = ask("Is there rheumatoid arthritis?", group="cord")
    down_syndrome: bool | MISSING = ask("Is there Down syndrome?", group="cord")
    skeletal_dysplasia: bool | MISSING = ask("Is there an inherited disorder of bone growth?", group="cord")
    prior_cord_injury: bool | MISSING = ask(
        "Is there an old spinal cord injury, or no feeling in the trunk?", group="cord"
    )

    anticoagulant: Literal["none", "antiplatelet", "doac", "warfarin", "heparin"] | MISSING = ask(
        "Any blood thinner?", label="blood thinner"
    )
    clotting_disorder: bool | MISSING = ask("Any bleeding disorder?")
    hypertension: bool | MISSING = ask("Is blood pressure high?")
    family_aneurysm: bool | MISSING = ask("Aneurysm in the family?")
    smoking: Literal["never", "former", "vape_or_nicotine", "current"] | MISSING = ask(
        "Does the patient smoke or use nicotine?"
    )
    smoking_stopped: Duration | MISSING = ask("How long ago was smoking stopped?", unit="days")
    pack_years: Annotated[float, Field(ge=0, le=300)] | MISSING = ask(
        "How many pack-years?", unit="pack-years", plausible=(0, 150)
    )
    hba1c: Hba1c | MISSING = ask("Latest HbA1c?", label="HbA1c", unit="percent", plausible=(4, 15))
    opioids: bool | MISSING = ask("Are opioids taken daily?")
    self_harm_thoughts: bool | MISSING = ask(
        "Any thoughts of self-harm or of not wanting to live?", group="mood", label="thoughts of self-harm"
    )
    biologics: bool | MISSING = ask("Are biologic medicines taken, as for arthritis or psoriasis?", label="biologics")
    frail: bool | MISSING = ask("Is the patient frail?", label="frailty")
    anaemia: bool | MISSING = ask("Is there anaemia?")
    albumin_g_per_dl: Annotated[float, Field(ge=0.5, le=8)] | MISSING = ask(
        "Latest blood albumin?", label="albumin", unit="g/dL", plausible=(1.5, 5.5)
    )
    hla_b27: bool | MISSING = ask("If it was tested: is HLA-B27 positive?", label="HLA-B27 positive")
    pain_unlike_before_surgery: bool | MISSING = ask(
        "If the spine was operated on: is the pain new, or different from the pain before the operation?",
        label="pain new or different since the operation",
    )
    work_or_legal_strain: bool | MISSING = ask("Long sick leave or a claim about this pain?")
    prefers_no_surgery: bool | MISSING = ask(
        "Has the patient said that surgery is not wanted?", label="patient does not want surgery"
    )
