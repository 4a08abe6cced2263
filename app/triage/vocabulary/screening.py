"""Eight questions that a desk can put in a minute.

"none" answers every member of a group "no"; "some" makes the members the next questions.
"""

from __future__ import annotations

from typing import Literal

from pydantic import MISSING

from app.triage.vocabulary.declare import Section, ask

Screened = Literal["none", "some"]


class Screening(Section):
    """One answer for a whole group of related facts; see each fact's `screening_group` in the vocabulary."""

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
        "Fever or shivers, raised blood markers, weak immunity, dialysis, injected drugs, tuberculosis risk, a serious "
        "infection, infection on a film, or in the last 12 weeks a spinal operation, injection or anaesthetic?",
        label="infection and recent procedure screen",
    )
    cancer: Screened | MISSING = ask(
        "Cancer now, before or suspected, weight loss, pain that never eases, wakes at night or brought them back, "
        "unexplained anaemia, high calcium, or a bone lesion or several fractures on a film?",
        label="cancer screen",
    )
    injury: Screened | MISSING = ask(
        "A fall, accident, blow or sudden strain before it began, a sudden pain at one spot, three months or more of "
        "steroid tablets, or a fracture on a film?",
        label="injury and fracture screen",
    )
    cord: Screened | MISSING = ask(
        "Change in walking or balance, clumsy hands, electric shocks down the back, signs of cord trouble, an old cord "
        "injury, rheumatoid arthritis, Down syndrome, a disorder of bone growth, or a loose joint at the neck's top?",
        label="spinal cord screen",
    )
    vessels_and_organs: Screened | MISSING = ask(
        "Sudden pain worst at once, fainting, chest or belly pain, breathlessness, a swollen calf, a pulsing belly or "
        "known aneurysm, a new or severe headache, dizziness, a stiff neck with illness, trouble with sight, speech, "
        "swallowing, chewing or the face, pain that movement does not change, blood in the urine, jaundice, colic, "
        "pain with meals or periods, or trouble in a pregnancy?",
        label="vessels and other organs screen",
    )
    mood: Screened | MISSING = ask("Thoughts of self-harm or of not wanting to live?", label="self-harm screen")
