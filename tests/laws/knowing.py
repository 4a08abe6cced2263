"""Comparing what two bodies let us know: what each decides, and whether one only fills in the other's unknowns."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, get_args

from app.triage import Consultation, Triage, faults_of
from app.triage.facts import registry
from app.triage.known import Known, Row, learn
from app.triage.rulebook import URGENCIES
from app.triage.vocabulary.declare import Group
from tests.laws.reference import decode

TODAY = date(2026, 11, 23)
GROUPS: tuple[str, ...] = get_args(Group)
NAMING = ("spondylolisthesis.type", "herniation.type", "fracture.age", "lesion.type")
Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Ids of the rules that are true and undecided, and the urgency as indices into URGENCIES."""

    true: frozenset[str]
    undecided: frozenset[str]
    at_least: int
    at_most: int


def decide(triage: Triage, body: dict[str, Any]) -> Decided:
    """What the rulebook decides about a body."""
    consultation = Consultation.model_validate(body)
    judged = triage.judge.judge(learn(consultation))
    rules, urgency = triage.rulebook.rules, triage.note(consultation, TODAY)["urgency"]
    low, high = URGENCIES.index(urgency["at_least"]), URGENCIES.index(urgency["at_most"])
    return Decided(
        frozenset(rules[i].id for i in judged.true), frozenset(rules[i].id for i, _ in judged.undecided), low, high
    )


def assert_narrower(triage: Triage, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Law 2: nothing decided is undone, and the bounds of the urgency only come closer."""
    first, second = decide(triage, before), decide(triage, after)
    assert not first.true - second.true, "a true rule stopped being true"
    assert not second.true - first.true - first.undecided, "a false rule became true"
    assert not second.undecided - first.undecided, "a decided rule became undecided"
    assert second.at_least >= first.at_least
    assert second.at_most <= first.at_most


def is_valid(body: dict[str, Any]) -> bool:
    """Whether the body can be judged."""
    try:
        return not faults_of(Consultation.model_validate(body))
    except ValueError:
        return False


def leaves(body: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of everything that can be left out of a body: answers, and items of lists of sections."""
    if isinstance(body, dict):
        for key, value in body.items():
            if isinstance(value, dict) and not _is_quantity(value):
                yield from leaves(value, (*path, key))
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                for number, item in enumerate(value):
                    yield (*path, key, number)
                    yield from leaves(item, (*path, key, number))
            else:
                yield (*path, key)


def without(body: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy of the body with one thing left out, and nothing empty left behind."""
    found = copy.deepcopy(body)
    place: Any = found
    trail = []
    for step in path[:-1]:
        trail.append((place, step))
        place = place[step]
    del place[path[-1]]
    for parent, step in reversed(trail):
        if not parent[step]:
            del parent[step]
    return found


def some_left_out(body: dict[str, Any], random: Random, count: int) -> dict[str, Any]:
    """The body with up to a number of things left out."""
    for _ in range(count):
        path = random.choice(list(leaves(body)))
        less = without(body, path)
        if is_valid(less):
            body = less
    return body


def only_fills_in(before: Known, after: Known) -> bool:
    """Whether everything stated anew lies within what was still possible, and nothing disagrees."""
    if after.disagreements:
        return False
    top = registry()[None]
    denied = {group for group, answer in before.screened.items() if answer == "none"}
    if any(name in top and denied & set(top[name].groups) for name in after.not_known - before.not_known):
        return False  # "not known" takes a group's "none" back
    fresh = [name for name in after.stated if name not in before.stated]
    if not all(_within(top[name], after.frame, before.frame) for name in fresh):
        return False
    if not _within(top["patient.pregnant"], after.frame, before.frame):
        return False  # weeks of pregnancy, told of a man, take back what was taken for granted of him
    if len(after.rows["deficit"]) != len(before.rows["deficit"]) and after.stated.get(
        "examination.power_otherwise_normal"
    ):
        return False  # "all other power was normal" speaks of other movements than before
    if after.stated.get("examination.sensation_otherwise_normal") and _loss(before) not in {None, _loss(after)}:
        return False  # nor does "feeling was normal elsewhere" speak of the same roots
    return all(_fits(row, before.rows[table], before, table) for table, rows in after.rows.items() for row in rows)


def _loss(known: Known) -> Any:
    return known.stated.get("examination.sensory_loss")


def _fits(row: Row, earlier: list[Row], before: Known, table: str) -> bool:
    facts = registry()[table]
    twins = [
        other
        for other in earlier
        if other.label == row.label and (table == "level" or other.stated.items() <= row.stated.items())
    ]
    frames: list[Any] = [twin.frame for twin in twins[:1]]
    if not frames:
        frames = [
            template.frame
            for template in before.shadows[table]
            if table != "level" or _within(facts["level"], row.frame, template.frame)
        ]
    # A detail says that its finding exists, which may contradict a report that covered the region and named none.
    names = {*row.stated, *(NAMING if table == "level" else ())}
    return any(all(_within(facts[name], row.frame, frame) for name in names) for frame in frames)


def _within(fact: Any, inner: Any, outer: Any) -> bool:
    new, old = decode(fact, inner), decode(fact, outer)
    if fact.kind == "number":
        return bool(old[0] <= new[0] and new[1] <= old[1])
    if fact.kind == "some_of":
        return bool(old[0] <= new[0] and new[1] <= old[1])
    return bool(new <= old)


def _is_quantity(value: dict[str, Any]) -> bool:
    return "unit" in value or "scale" in value or "version" in value
