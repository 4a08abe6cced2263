"""Symptom sets that matter together, every item its own yes or no (evidence 2.5, 2.7-2.22, 3.14)."""

from __future__ import annotations

from pydantic import MISSING

from app.triage.vocabulary.declare import Section, ask


class Infection(Section):
    """Signs of infection and trouble after a procedure (2.5, 2.10)."""

    fever: bool | MISSING = ask("Any fever, chills or sweats?", group="infection")
    unwell: bool | MISSING = ask(
        "Is the patient generally unwell, shivering or confused?", group="infection", label="unwell or septic"
    )
    wound_discharge: bool | MISSING = ask("Is a recent wound red, open or discharging?", group="infection")
    clear_wound_fluid: bool | MISSING = ask(
        "Does clear fluid leak from a recent wound, or does the head ache on standing up?", group="infection"
    )
    rapidly_rising_pain: bool | MISSING = ask("Is pain rising fast since a recent procedure?", group="infection")
    calf_swelling: bool | MISSING = ask("Is a calf newly swollen or tender?", group="vessels_and_organs")


class NeckArteries(Section):
    """Tearing of a neck artery or lack of blood to the hind brain (2.14)."""

    thunderclap_onset: bool | MISSING = ask(
        "Did headache or neck pain reach its worst within a minute?", group="vessels_and_organs"
    )
    unfamiliar_pain: bool | MISSING = ask(
        "Is there a neck pain or headache unlike any before?",
        group="vessels_and_organs",
        label="unfamiliar neck pain or headache",
    )
    ptosis_small_pupil: bool | MISSING = ask("Is an eyelid drooping or one pupil small?", group="vessels_and_organs")
    double_vision: bool | MISSING = ask("Any double vision?", group="vessels_and_organs")
    slurred_speech: bool | MISSING = ask("Any slurred speech?", group="vessels_and_organs")
    new_swallowing_trouble: bool | MISSING = ask(
        "Any new trouble swallowing (not after a neck operation)?", group="vessels_and_organs"
    )
    facial_numbness: bool | MISSING = ask("Any numbness of the face?", group="vessels_and_organs")
    drop_attack: bool | MISSING = ask("Any sudden fall without warning?", group="vessels_and_organs")
    nystagmus: bool | MISSING = ask("Are the eyes jumping?", group="vessels_and_organs")
    unsteadiness: bool | MISSING = ask("Any new unsteadiness together with that pain?", group="vessels_and_organs")
    dizziness: bool | MISSING = ask("Any dizziness?")
    nausea: bool | MISSING = ask("Any nausea?")
    recent_minor_neck_strain: bool | MISSING = ask("Any recent small strain or manipulation of the neck?")


class Meninges(Section):
    """Meningitis or bleeding around the brain (2.15)."""

    neck_stiffness: bool | MISSING = ask("Is the neck too stiff to bend forward?", group="vessels_and_organs")
    photophobia: bool | MISSING = ask("Does light hurt?")
    non_blanching_rash: bool | MISSING = ask(
        "Is there a rash that does not fade under a glass?", group="infection", label="rash that does not fade"
    )
    confusion: bool | MISSING = ask("Any new confusion or drowsiness?")
    severe_headache: bool | MISSING = ask("Any severe headache?", group="vessels_and_organs")


class TemporalArteries(Section):
    """Giant cell arteritis (2.16)."""

    new_headache: bool | MISSING = ask("Any new headache?", group="vessels_and_organs")
    scalp_tenderness: bool | MISSING = ask("Is the scalp sore to touch or comb?", group="vessels_and_organs")
    jaw_claudication: bool | MISSING = ask("Do jaw or tongue ache on chewing?", group="vessels_and_organs")
    visual_symptom: bool | MISSING = ask("Any loss of sight, dimming or double vision?", group="vessels_and_organs")
    shoulder_girdle_stiffness: bool | MISSING = ask(
        "Are both shoulders stiff in the morning?", group="vessels_and_organs"
    )


class Aorta(Section):
    """Aneurysm and acute aortic syndrome (2.7, 2.17); risk factors are weights, never a gate."""

    pulsatile_mass: bool | MISSING = ask("Is there a strong or widened pulse in the belly?", group="vessels_and_organs")
    known_aneurysm: bool | MISSING = ask("Is an aortic aneurysm known?", group="vessels_and_organs")
    new_back_or_belly_pain: bool | MISSING = ask(
        "Is the back or belly pain new or different?", label="new back or belly pain"
    )
    tearing_pain: bool | MISSING = ask("Is the pain tearing or ripping?", group="vessels_and_organs")
    migrating_pain: bool | MISSING = ask(
        "Does the pain move along the chest, back or belly?", group="vessels_and_organs"
    )
    chest_pain: bool | MISSING = ask(
        "Any chest or between-the-shoulder-blades pain of sudden onset?", group="vessels_and_organs"
    )
    syncope: bool | MISSING = ask(
        "Any fainting, collapse or low blood pressure?",
        group="vessels_and_organs",
        label="fainting, collapse or low blood pressure",
    )
    pulse_or_pressure_difference: bool | MISSING = ask("Do pulses or blood pressure differ between the limbs?")
    aortic_or_connective_tissue_history: bool | MISSING = ask(
        "Any aortic or valve disease or operation, connective-tissue disease, or such disease in the family?",
    )


class Organs(Section):
    """Pain that another organ sends to the back (2.8, 2.18)."""

    epigastric_pain_with_vomiting: bool | MISSING = ask(
        "Upper belly pain through to the back, with vomiting?", group="vessels_and_organs"
    )
    loin_to_groin_colic: bool | MISSING = ask("Waves of pain from loin to groin?", group="vessels_and_organs")
    haematuria: bool | MISSING = ask("Any blood in the urine?", group="vessels_and_organs")
    single_kidney: bool | MISSING = ask("Is there only one working kidney?")
    cyclic_pelvic_pain: bool | MISSING = ask(
        "Pain in the pelvis or lower belly that comes with periods or by itself?",
        group="vessels_and_organs",
        label="pelvic or lower-belly pain",
    )
    late_period_with_pelvic_pain: bool | MISSING = ask(
        "A late or unknown period with pelvic or shoulder-tip pain?", group="vessels_and_organs"
    )
    pain_after_meals: bool | MISSING = ask("Does eating bring the pain on?", group="vessels_and_organs")
    jaundice: bool | MISSING = ask("Are skin or eyes yellow?", group="vessels_and_organs")
    cardiac_pattern: bool | MISSING = ask(
        "Pain into an arm, the jaw or between the shoulder blades, with sweating or on effort?",
        group="vessels_and_organs",
    )
    breathlessness: bool | MISSING = ask("New breathlessness, or pain on breathing in?", group="vessels_and_organs")


class AnteriorNeck(Section):
    """After an operation through the front of the neck (2.21); airway trouble can come days later."""

    neck_swelling: bool | MISSING = ask("Is the neck swelling?", group="infection")
    noisy_breathing: bool | MISSING = ask("Is breathing noisy or hard?", group="infection")
    voice_change: bool | MISSING = ask("Has the voice changed?", group="infection")
    cannot_swallow_saliva: bool | MISSING = ask("Can the patient not swallow saliva?", group="infection")
    worsening_swallowing: bool | MISSING = ask("Is swallowing getting worse?", group="infection")
    crackling_or_regurgitation: bool | MISSING = ask(
        "Is there crackling under the skin, or food coming back?", group="infection"
    )
    lasting_swallowing_trouble: bool | MISSING = ask(
        "Has swallowing been hard for long, without getting worse?", group="infection"
    )


class Child(Section):
    """Items that change the urgency under 18 (2.19)."""

    limp: bool | MISSING = ask("Any limp, or refusing to walk?")
    bruising_or_lumps: bool | MISSING = ask("Any unexplained bruising or swollen glands?")
    painful_or_new_scoliosis: bool | MISSING = ask("A new or painful curve of the spine, or a wry neck?")
    morning_stiffness: bool | MISSING = ask("Stiff in the morning?")
    headache_with_vomiting: bool | MISSING = ask("Headache on lying or waking, with vomiting?")


class Pregnancy(Section):
    """Pregnancy and six weeks after birth (2.20); bladder and bowel change is never put down to pregnancy."""

    bleeding: bool | MISSING = ask("Any vaginal bleeding?", group="vessels_and_organs")
    severe_belly_or_back_pain: bool | MISSING = ask(
        "Severe belly or back pain in the pregnancy?", group="vessels_and_organs"
    )
    headache_or_visual_symptom: bool | MISSING = ask(
        "Severe headache or trouble seeing in the pregnancy?", group="vessels_and_organs"
    )
    blood_pressure_160_110: bool | MISSING = ask(
        "Blood pressure of 160/110 or more?", group="vessels_and_organs", label="blood pressure 160/110 or more"
    )


class InsensateSpine(Section):
    """Charcot spine: an old cord injury and a new change (2.22)."""

    new_deformity_or_clunking: bool | MISSING = ask("A new lump, bend or clunking of the back?", group="cord")
    lost_sitting_balance: bool | MISSING = ask("Has sitting balance been lost?", group="cord")
    changed_spasticity_or_bladder: bool | MISSING = ask("Have spasms or bladder habits changed?", group="cord")
    dysreflexia: bool | MISSING = ask(
        "Sweating, pounding headache or high blood pressure on sitting up?",
        group="cord",
        label="signs of autonomic dysreflexia",
    )


class InflammatoryBackPain(Section):
    """Items of the referral rule for axial spondyloarthritis (3.14). Age at onset is not the age now."""

    wakes_second_half_of_night: bool | MISSING = ask("Does it wake the patient in the second half of the night?")
    buttock_pain: bool | MISSING = ask("Pain in the buttocks?")
    better_with_movement: bool | MISSING = ask("Better with movement?")
    better_within_48h_of_nsaid: bool | MISSING = ask("Better within 48 hours of an anti-inflammatory drug?")
    relative_with_spondyloarthritis: bool | MISSING = ask("A parent, brother, sister or child with spondyloarthritis?")
    arthritis: bool | MISSING = ask("Arthritis now or before?")
    enthesitis: bool | MISSING = ask("Painful tendon insertions, such as the heel?")
    psoriasis: bool | MISSING = ask("Psoriasis now or before?")
    uveitis_or_bowel_inflammation: bool | MISSING = ask("Uveitis or inflammatory bowel disease?")
