"""A screening group answered "some": its urgency is possible until what could bring it was asked.

"Some" says that one of the group's answers is not "no". Where all that could matter were denied one by one, an answer
that was not given is the one, and whichever value it has, no rule changes: then the note may settle.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.triage import Consultation, Triage
from app.triage.facts import Fact
from app.triage.rulebook import URGENCIES
from app.triage.screening import GROUPS, deciding
from tests.laws.knowing import TODAY

MEMBERS = [pytest.param(group, fact, id=f"{group}: {fact.name}") for group in GROUPS for fact in deciding(group)]


def _answer(body: dict[str, Any], fact: Fact, value: Any) -> None:
    if fact.name == "examination.sensory_loss":  # stated the other way round
        body.setdefault("examination", {})["sensation_otherwise_normal"] = not value
        return
    *path, last = fact.name.split(".")
    place: Any = body
    for step in path:
        place = place.setdefault(step, [{"modality": "mri"}] if step == "imaging" else {})
        place = place[0] if isinstance(place, list) else place
    place[last] = value


def _no(fact: Fact) -> Any:
    return False if fact.kind == "yes_no" else fact.values[0] if fact.kind == "one_of" else [fact.values[0]]


def _others(fact: Fact) -> list[Any]:
    if fact.kind == "yes_no":
        return [True]
    return [value if fact.kind == "one_of" else [value] for value in fact.values[1:]]


def _some(group: str, but: Fact) -> dict[str, Any]:
    """Every group is answered none, but those of one fact; of its own every other member was denied one by one."""
    body: dict[str, Any] = {
        "patient": {"age": 50},
        "complaint": {"regions": ["lumbar"]},
        "screening": {other: "none" for other in GROUPS if other not in but.groups} | {group: "some"},
    }
    for fact in deciding(group):
        if fact != but:
            _answer(body, fact, _no(fact))
    return body


def _urgency(triage: Triage, body: dict[str, Any]) -> tuple[int, int]:
    found = triage.note(Consultation.model_validate(body), TODAY)["urgency"]
    return URGENCIES.index(found["at_least"]), URGENCIES.index(found["at_most"])


@pytest.mark.parametrize(("group", "member"), MEMBERS)
def test_some_is_never_settled_below_what_an_answer_not_given_could_bring(
    group: str, member: Fact, triage: Triage
) -> None:
    body = _some(group, member)
    _, at_most = _urgency(triage, body)
    for value in _others(member):
        told = copy.deepcopy(body)
        _answer(told, member, value)
        assert _urgency(triage, told)[0] <= at_most, value


@pytest.mark.parametrize("group", GROUPS)
def test_some_of_which_everything_was_denied_is_a_contradiction_and_its_urgency_stays_possible(
    group: str, triage: Triage
) -> None:
    members = deciding(group)
    body = _some(group, members[0])
    _answer(body, members[0], _no(members[0]))
    shown = triage.note(Consultation.model_validate(body), TODAY)["contradictions"]
    assert f"screening.{group}" in {item["fact"] for item in shown}
    at_least, at_most = _urgency(triage, body)
    assert at_most > at_least or group == "mood"
