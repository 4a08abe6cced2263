"""What screening groups answer, and what was stated against their answer."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from app.triage.facts import REPORTS, Fact, registry
from app.triage.frames import Frame, Known
from app.triage.vocabulary.declare import Group

GROUPS: tuple[Group, ...] = get_args(Group)


@cache
def members(group: str) -> tuple[Fact, ...]:
    """The consultation's facts that a screening group answers."""
    return tuple(fact for fact in registry()[None].values() if group in fact.groups)


@cache
def deciding(group: str) -> tuple[Fact, ...]:
    """The members that a plain "no" answers; onset, course and measured values only describe the others."""
    return tuple(fact for fact in members(group) if fact.kind != "number" and fact.said_no() is not None)


@cache
def owners_of_reports() -> frozenset[str]:
    """The groups that own what reports tell."""
    told = [fact for facts in registry().values() for fact in facts.values() if REPORTS in fact.groups]
    return frozenset(group for fact in told for group in fact.groups if group != REPORTS)


@cache
def answers_all(group: str) -> bool:
    """Whether the deciding members are the whole group: nothing of it stands in rows that may be unlisted."""
    rows = [fact for table, facts in registry().items() if table is not None for fact in facts.values()]
    return bool(deciding(group)) and not any(group in fact.groups for fact in rows)


def check_screening(known: Known) -> None:
    """Show what was stated against a group's answer.

    A stated fact stands: its template's "no" was overwritten when it was read. A group that nobody put, of which every
    deciding member was answered "no" by itself, is answered too.
    """
    for asked in GROUPS:
        if (
            asked not in known.screened
            and answers_all(asked)
            and all(_said_no(fact, known) for fact in deciding(asked))
        ):
            known.frame[registry()[None][f"screening.{asked}"].slot] = 1
    if not known.screened:
        return
    stated_against = _stated_against(known)
    for group, answer in known.screened.items():
        against, name = stated_against[group], f"screening.{group}"
        if answer == "none" and against:
            readings = [{"value": "none", "fact": name}, *against]
            known.disagreements.append({"kind": "screening", "fact": name, "level": None, "readings": readings})
        elif answer == "some" and not against and all(fact.name in known.stated for fact in deciding(group)):
            known.disagreements.append(
                {"kind": "screening_some", "fact": name, "level": None, "readings": [{"value": "some", "fact": name}]}
            )


def _said_no(fact: Fact, known: Known) -> bool:
    return fact.name in known.stated and is_no(fact, known.frame)


def _stated_against(known: Known) -> dict[str, list[dict[str, Any]]]:
    """For each group that was answered, what was stated of its members but "no"."""
    found: dict[str, list[dict[str, Any]]] = {group: [] for group in known.screened}
    facts = registry()[None]
    for name, value in known.stated.items():
        for group in facts[name].groups:
            if group in found and not is_no(facts[name], known.frame):
                found[group].append({"value": value, "fact": name})
    for table, rows in known.rows.items():
        facts = registry()[table]
        for row in rows:
            for name, value in row.stated.items():
                for group in facts[name].groups:
                    if group in found and not is_no(facts[name], row.frame):
                        found[group].append({"value": value, "fact": name, "level": row.label})
    return found


def is_no(fact: Fact, frame: Frame) -> bool:
    """Whether every value still possible is the fact's "no"."""
    no = fact.said_no()
    if no is None:
        return False
    if fact.kind == "number":
        return bool(no[0] <= frame[fact.slot] and frame[fact.slot + 1] <= no[1])
    return bool(frame[fact.slot] == no[0] and frame[fact.slot + fact.wide] == no[-1])
