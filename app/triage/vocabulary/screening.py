"""Screening questions that a desk can put in a minute.

"none" answers every member of a group "no"; "some" makes the members the next questions.
"""

from __future__ import annotations

from typing import Literal

from pydantic import MISSING

from app.triage.vocabulary.declare import Section, ask

Screened = Literal["none", "some"]


class Screening(Section):
    """One answer for a whole group of related facts; see each fact's `screening_group` in the vocabulary.

    The first eight settle a straightforward consultation. `reports` is asked only after one of them was not "none".
    """

    cauda_equina: Screened | MISSING = ask(
        "New numbness between the legs or round the back passage, any change in passing or feeling urine or stool, "
        "new loss of sexual feeling or function, or pain that now is in both legs?",
        label="bladder, bowel and saddle screen",
        codes=("http://snomed.info/sct|192970008",),
    )
    weakness: Screened | MISSING = ask(
        "Weakness in an arm or leg, a foot that catches or drops, or new numbness of an arm, a leg or the trunk?",
        label="weakness and numbness screen",
    )
    infection: Screened | MISSING = ask(
        "Fever, shivers or feeling very ill, a rash that does not fade under a glass, raised blood markers, weak "
        "immunity, dialysis, injected drugs, tuberculosis risk, a serious infection; or in 12 weeks a spinal "
        "operation, injection or anaesthetic, "
        "or trouble after one (wound, rising pain, neck swelling, voice, breathing, swallowing)?",
        label="infection and recent procedure screen",
    )
    cancer: Screened | MISSING = ask(
        "Cancer now, before or suspected, weight loss, pain that never eases, wakes at night or brought them back, "
        "unexplained anaemia, high calcium, or a bone lesion or several fractures on a film?",
        label="cancer screen",
    )
    injury: Screened | MISSING = ask(
        "A fall, accident, blow or sudden strain before it began, a sudden pain at one spot, any steroid "
        "tablets, or a fracture on a film?",
        label="injury and fracture screen",
    )
    cord: Screened | MISSING = ask(
        "Change in walking or balance, clumsy hands, electric shocks down the back, signs of cord trouble on "
        "examination or MRI, an old cord injury with anything new, rheumatoid arthritis, Down syndrome, a "
        "disorder of bone growth, or a loose joint at the neck's top?",
        label="spinal cord screen",
    )
    vessels_and_organs: Screened | MISSING = ask(
        "Pain worst at once, fainting, chest or belly pain, breathlessness, pain to arm or jaw, calf "
        "swelling, pulsing belly or known aneurysm; a new headache or neck pain, stiff neck or shoulders, "
        "sore scalp, numb face, sudden falls, trouble seeing, speaking, swallowing, chewing or balancing; "
        "pain unchanged by movement, blood in urine, jaundice, colic, pain with meals or periods, trouble in "
        "pregnancy?",
        label="vessels and other organs screen",
    )
    mood: Screened | MISSING = ask("Thoughts of self-harm or of not wanting to live?", label="self-harm screen")
    reports: Screened | MISSING = ask(
        "Does any imaging report at hand name a fracture, a bone lesion, an infection or abscess, blood or pressure on "
        "the cord, a wide aorta or a loose joint at the neck's top, or a bladder scan 200 mL or more? "
        "Without any report the answer is none.",
        label="screen of the reports at hand",
    )
