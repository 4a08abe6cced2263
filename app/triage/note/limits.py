"""What a note does not speak of: stated facts that no rule reads, and regions without rules about procedures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.triage.conditions import Condition, Has, atoms
from app.triage.facts import Fact, registry
from app.triage.frames import Known
from app.triage.note.reasons import described
from app.triage.rulebook import Rulebook

_REGIONS = registry()[None]["complaint.regions"]
# Details that only place or size another finding; what they belong to is judged or listed by itself.
_DETAILS = {"level", "region", "limb", "movement", "side", "spondylolisthesis.endplate_mm", "body_diameter_mm"}
TOLD_THROUGH: dict[tuple[str | None, str], tuple[str | None, str]] = {
    ("level", "spondylolisthesis.slip_mm"): ("level", "spondylolisthesis.slip_percent"),
    ("level", "spondylolisthesis.endplate_mm"): ("level", "spondylolisthesis.slip_percent"),
    ("level", "spondylolisthesis.meyerding_grade"): ("level", "spondylolisthesis.slip_percent"),
    ("level", "fracture.genant_grade"): ("level", "fracture.height_loss_percent"),
    ("level", "canal_diameter_mm"): ("level", "torg_pavlov"),
    ("level", "body_diameter_mm"): ("level", "torg_pavlov"),
    (None, "examination.power_otherwise_normal"): ("deficit", "grade"),
    ("deficit", "movement"): ("deficit", "limb"),
    ("course", "duration"): (None, "treatments.conservative_duration"),
    ("course", "outcome"): (None, "treatments.conservative_care"),
}
"""Facts that the engine reads into another one (see `derived` and `known`), so that rules read them there."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a rulebook reads, and for which regions of a complaint it has rules about procedures."""

    facts: frozenset[tuple[str | None, str]]
    regions: int


def reach_of(rulebook: Rulebook) -> Reach:
    """The reach of a rulebook, scores and the inputs of derived facts included."""
    read: set[tuple[str | None, str]] = set()
    regions = 0
    procedures = {category.id for category in rulebook.categories.values() if category.kind == "procedure"}
    for rule in rulebook.rules:
        read |= _read(rule.when)
        if procedures.intersection(rule.concludes.supports):
            regions |= _regions(rule.when)
    for score in rulebook.scores.values():
        if score.of is not None:
            read.add((score.table, score.of))
        if score.only_when is not None:
            read |= _read(score.only_when)
        for component in score.components:
            for when, _ in component.options:
                read |= _read(when)
    for table, facts in registry().items():
        for fact in facts.values():
            if fact.inputs and (table, fact.name) in read:
                read |= {(table, name) for name in fact.inputs}
    read |= {told for told, through in TOLD_THROUGH.items() if through in read}
    if any(table == "surgery" for table, _ in read):
        # "Never operated on" leaves no operation that a rule could find.
        read.add((None, "history.spine_surgery"))
    return Reach(frozenset(read), regions)


def limits(reach: Reach, known: Known) -> list[dict[str, Any]]:
    """`[{text, facts}]`, empty where everything stated was judged."""
    found: list[dict[str, Any]] = []
    beyond = [
        name for bit, name in enumerate(_REGIONS.values) if known.frame[_REGIONS.slot] & ~reach.regions & 1 << bit
    ]
    if beyond:
        where = ", ".join(beyond)
        text = f"Red flags are judged; there are no rules yet about procedures for this region: {where}."
        found.append({"text": text, "facts": []})
    unread = [
        described(fact, known.frame, known.stated, known)
        for fact in _unread(reach, None, known.stated)
        if not fact.name.startswith(("screening.", "patient."))
    ]
    for table, rows in known.rows.items():
        unread += [
            described(fact, row.frame, row.stated, known, row.label)
            for row in rows
            for fact in _unread(reach, table, row.stated)
        ]
    if unread:
        found.append({"text": "Recorded, but no rule reads it.", "facts": unread})
    return found


def _unread(reach: Reach, table: str | None, stated: dict[str, Any]) -> list[Fact]:
    facts = registry()[table]
    return [facts[name] for name in stated if (table, name) not in reach.facts and name not in _DETAILS]


def _read(condition: Condition) -> set[tuple[str | None, str]]:
    return {(atom.fact.table, atom.fact.name) for atom in atoms(condition)}


def _regions(condition: Condition) -> int:
    mask = 0
    for atom in atoms(condition):
        if isinstance(atom, Has) and atom.fact.name == _REGIONS.name:
            mask |= atom.mask
    return mask
