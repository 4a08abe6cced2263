"""The proofs read the rules' truth as the note does."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

pytest.importorskip("z3")

from app.governance.proofs.reading import NoteReading  # only where the optional extra is installed
from app.triage import Consultation, Triage
from app.triage.known import learn
from app.triage.note.plan import plan_note
from app.triage.rulebook import URGENCIES
from tests.laws.bodies import BodyMaker, limits_of

DAY = date(2026, 11, 23)
TIERS = range(len(URGENCIES))


def test_the_proofs_read_a_note_as_the_note_is_made(triage: Triage) -> None:
    plan, maker = plan_note(triage.rulebook), BodyMaker(Random(3), limits_of(triage.rulebook))
    seen: set[str] = set()
    for _ in range(400):
        consultation = Consultation.model_validate(maker.body())
        known = learn(consultation)
        true, undecided = triage.judge.values(known)
        pairs = [(i in true, i in true or i in undecided) for i in range(len(triage.rulebook.rules))]
        reading, note = NoteReading(plan, pairs), triage.note(consultation, DAY, every_category=True)
        low, high = (URGENCIES.index(note["urgency"][end]) for end in ("at_least", "at_most"))
        assert [reading.at_least(tier) for tier in TIERS] == [tier <= low for tier in TIERS]
        if not any(one["kind"] == "screening_some" for one in known.disagreements):
            assert [reading.at_most(tier) for tier in TIERS] == [tier <= high for tier in TIERS]
        shown = {entry["category"]: entry["status"] for entry in note["categories"]}
        for category in plan.categories:
            status = str(shown.get(str(category.entry["category"])))
            assert reading.discussable(category) == status.startswith("discussable"), category.entry["category"]
            if reading.held(category, "supports"):
                assert reading.suppressed(category) == (status == "suppressed")
            seen.add(status)
    assert {"discussable", "discussable_with_uncertainty", "needs_information", "suppressed", "None"} <= seen
