"""Eight questions that a desk can put in a minute. "none" answers every member of a group "no"; "some" makes the members the next questions."""

from __future__ import annotations

from typing import Literal

from pydantic import MISSING

from app.triage.vocabulary.declare import Section, ask

Screened = Literal["none", "some"]


class Screening(Section):
    """One answer for a whole group of related facts; see each fact's `screening_group` in the vocabulary."""

    cauda_equina: Screened | MISSING = ask(
        "Any new numbness between the legs or around the back passage, any change in passing urine or stool or in feeling them, "
        "new loss of sexual feeling or function, or pain that has come into both legs?",
        label="bladder, bowel and saddle screen",
        codes=("http://snomed.info/sct|192970008",),
    )
    weakness: Screened | MISSING = ask(
        "Any weakness in an arm or leg, a foot that catches or drops, or new numbness of an arm, a leg or the trunk?", label="weakness and numbness screen"
    )
    infection: Screened | MISSING = ask(
        "Any fever, shivers or sweats, raised blood markers, weakened immunity, dialysis, drug injecting, contact with tuberculosis, a serious infection, "
        "or in the last 12 weeks a spinal operation, injection or anaesthetic (or trouble after one)? Has a film suggested infection?",
        label="infection and recent procedure screen",
    )
    cancer: Screened | MISSING = ask(
        "Any cancer now, in the past or suspected, weight loss without trying, pain that is unremitting, wakes at night or brought the patient back within weeks, "
        "unexplained anaemia or high calcium, or a bone lesion or several fractures on a film?",
        label="cancer screen",
    )
    injury: Screened | MISSING = ask(
        "Any fall, accident, blow or sudden strain before it began, a sudden pain at one spot, three months or more of steroid tablets, "
        "or a fracture on a film?",
        label="injury and fracture screen",
    )
    cord: Screened | MISSING = ask(
        "Any change in walking or balance, clumsy hands, electric shocks down the back, signs of cord trouble on examination or MRI, "
        "an old spinal cord injury, or rheumatoid arthritis, Down syndrome or a slipping joint at the top of the neck?",
        label="spinal cord screen",
    )
    vessels_and_organs: Screened | MISSING = ask(
        "Any pain that was sudden and at its worst at once, fainting, chest or belly pain, breathlessness, a pulsing belly or known aneurysm, "
        "a new severe or odd headache, stiff neck with illness, trouble with sight, speech, swallowing or the jaw, "
        "pain that movement does not change, blood in the urine, jaundice, colic, pain that follows meals or periods, "
        "or a problem with a pregnancy?",
        label="vessels and other organs screen",
    )
    mood: Screened | MISSING = ask("Any thoughts of self-harm or of not wanting to live?", label="self-harm screen")
