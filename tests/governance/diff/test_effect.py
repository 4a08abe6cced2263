from __future__ import annotations

from datetime import date
from math import inf
from typing import Any

import pytest

from app.governance.diff import Effect, compare_notes
from app.triage import Consultation, Rulebook, Triage, load_rulebook

DAY = date(2026, 11, 23)
NUMB = {"complaint": {"regions": ["lumbar"], "saddle_sensation": "absent", "duration": {"value": 2, "unit": "days"}}}


def note(triage: Triage, body: dict[str, Any]) -> dict[str, Any]:
    return triage.note(Consultation.model_validate(body), DAY)


def milder(rulebook: Rulebook) -> Triage:
    """The same rulebook in which nothing is an emergency, and nothing sets all procedures aside."""
    files = {name: text.replace("urgency: emergency", "urgency: urgent") for name, text in rulebook.files.items()}
    return Triage(load_rulebook(files))


def test_a_rulebook_beside_itself_has_no_effect(triage: Triage) -> None:
    effect = compare_notes(note(triage, NUMB), note(triage, NUMB))
    assert effect == Effect(effect.old, effect.old, effect.within, (), reworded=False)
    assert not effect.changed


def test_a_lowered_urgency_is_lowered_at_both_bounds_and_raised_the_other_way_round(
    rulebook: Rulebook, triage: Triage
) -> None:
    plain, mild = note(triage, NUMB), note(milder(rulebook), NUMB)
    there, back = compare_notes(plain, mild), compare_notes(mild, plain)
    assert (there.old, there.new) == (("emergency", "emergency"), ("urgent", "urgent"))
    assert (there.lowered, there.raised) == (True, False)
    assert (back.lowered, back.raised) == (False, True)
    assert there.gained == back.lost
    assert there.lost == back.gained


def test_categories_gained_and_lost_are_those_that_could_be_discussed_with_one_rulebook_only() -> None:
    statuses = (("a", "not_listed", "discussable"), ("b", "deferred", "suppressed"), ("c", "suppressed", "not_listed"))
    effect = Effect(("routine", "soon"), ("routine", "soon"), (inf, inf), statuses, reworded=True)
    assert (effect.gained, effect.lost) == (("a",), ("b",))
    assert effect.changed
    assert (effect.lowered, effect.raised) == (False, False)


def test_a_bound_that_falls_while_the_other_rises_is_both() -> None:
    effect = Effect(("routine", "emergency"), ("soon", "soon"), (inf, 1008), (), reworded=True)
    assert (effect.lowered, effect.raised) == (True, True)


@pytest.mark.parametrize(("hours", "lowered", "raised"), [((4, 24), True, False), ((24, 4), False, True)])
def test_more_time_within_the_same_urgency_lowers_it(hours: tuple[float, float], lowered: bool, raised: bool) -> None:
    effect = Effect(("emergency", "emergency"), ("emergency", "emergency"), hours, (), reworded=True)
    assert (effect.lowered, effect.raised, effect.changed) == (lowered, raised, True)
    assert f"within {hours[0]} hours, becomes" in effect.told()
