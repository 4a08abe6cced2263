"""What was told of the patient as a whole: what is described was there, whatever the answer that names it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import MISSING

from app.triage.facts import YES, Fact, registry
from app.triage.frames import Known, Row
from app.triage.vocabulary.history import RECENT_DAYS, PriorSurgery
from app.triage.vocabulary.levels import is_segment, region_of

_TOP = registry()[None]
Telling = tuple[Fact, dict[str, Any]]
"""A fact that tells of another one, and its reading as a contradiction shows it."""


@dataclass(frozen=True, slots=True)
class Tells:
    """A fact that, where it was stated, tells that something is there.

    By any value, or only by one of `values`, or by a number above `above`.
    """

    name: str
    values: tuple[str, ...] | None = None
    above: float | None = None


_YES = ("yes",)
_HURT_NERVES = ("recovered", "root", "incomplete_cord", "complete_cord", "cauda_equina")
TOLD_BY: dict[str, tuple[Tells, ...]] = {
    "complaint.limb_weakness": (
        Tells("complaint.weakness_course", ("worsening",)),
        Tells("complaint.weakness_speed", ("minutes_to_days",)),
        Tells("complaint.weakness_onset"),
        Tells("complaint.weakness_in_both_legs", _YES),
        Tells("complaint.ascending_weakness", _YES),
    ),
    "history.cancer": (Tells("history.cancer_types"), Tells("history.known_spinal_metastasis", _YES)),
    "history.weight_loss": (Tells("history.weight_lost_kg", above=0),),
    "history.trauma": (
        Tells("history.since_trauma"),
        Tells("history.symptoms_after_trauma", _YES),
        Tells("examination.injury_neurology", _HURT_NERVES),
        Tells("complaint.onset", ("traumatic",)),
    ),
    "patient.pregnant": (Tells("patient.pregnancy_weeks", above=0),),
    "history.spine_surgery": (Tells("history.recent_procedures", ("spine_surgery",)),),
}
"""For each fact that names something (its first value is its "no"), the facts that tell of it."""

_THROUGH_FRONT_OF_NECK = {"discectomy", "fusion", "disc_replacement"}
"""Kinds of operation that, done from the front of the neck, are those that the airway rules mean."""

_PARTS = (
    ("history.age_at_onset", "patient.age"),
    ("scores.start_back_psychosocial", "scores.start_back_total"),
    ("scores.phq2", "scores.phq4"),
    ("scores.phq2", "scores.phq9"),
    ("scores.phq9_item9", "scores.phq9"),
)
"""Pairs of which the first cannot exceed the second."""


def check_told(known: Known, operations: Sequence[PriorSurgery]) -> None:
    """Take the "no" out of every fact of which something was told; where the "no" was stated, show both.

    A screening group that answered it "none" is contradicted too. Reads the rows, so they come first; `operations`
    are the listed ones, as the rows are.
    """
    for name, tellings in TOLD_BY.items():
        told = [telling(t.name, known) for t in tellings if _is_told(t, known)]
        if name == "history.spine_surgery":
            told += [row_telling(row, "kind", "surgery") for row in known.rows["surgery"]]
        if told:
            take_out_no(_TOP[name], told, known)
    _check_fractures(known)
    _count_neck_levels(known)
    _check_procedures(known, operations)
    _check_parts(known)
    _check_start_back(known)


def _is_told(tells: Tells, known: Known) -> bool:
    fact = _TOP[tells.name]
    if fact.name not in known.stated:
        return False
    first = known.frame[fact.slot]
    if tells.above is not None:
        return bool(first > tells.above)
    if tells.values is None:
        return True
    mask = fact.mask(tells.values)
    return bool(first & mask) if fact.kind == "some_of" else not first & ~mask


def telling(name: str, known: Known) -> Telling:
    """A stated fact of the consultation, as one that tells of another."""
    return _TOP[name], {"value": known.stated[name], "fact": name}


def row_telling(row: Row, name: str, table: str) -> Telling:
    """The same of a stated fact of a row."""
    return registry()[table][name], {"value": row.stated[name], "fact": name, "level": row.label}


def take_out_no(naming: Fact, told: list[Telling], known: Known, *, certain: bool = True) -> None:
    """Of the naming fact every value but "no" stays possible; with `certain=False`, "no" too."""
    at = slice(naming.slot, naming.slot + 1 + naming.wide)
    possible = known.frame[at][-1]
    if not possible & 1:
        return
    if certain:
        rest = possible & ~1 or naming.everything & ~1
        known.frame[at] = (0, rest) if naming.kind == "some_of" else (rest,)
    elif possible == 1:
        known.frame[at] = naming.unknown()
    show_told(naming, told, known)


def show_told(naming: Fact, told: list[Telling], known: Known) -> None:
    """Show what was told beside a "no" that was stated of the naming fact, or of its screening group."""
    readings = [reading for _, reading in told]
    if naming.name in known.stated:
        own = {"value": known.stated[naming.name], "fact": naming.name}
        known.disagreements.append(
            {"kind": "described", "fact": naming.name, "level": None, "readings": [own, *readings]}
        )
    for group in naming.groups:
        # A telling fact of the same group contradicts the group by itself (see `check_screening`).
        if known.screened.get(group) == "none" and not any(group in fact.groups for fact, _ in told):
            name = f"screening.{group}"
            known.disagreements.append(
                {
                    "kind": "screening",
                    "fact": name,
                    "level": None,
                    "readings": [{"value": "none", "fact": name}, *readings],
                }
            )


def _check_fractures(known: Known) -> None:
    """Two vertebrae with a recent fracture are several, whether or not a report adds them up."""
    age = registry()["level"]["fracture.age"]
    broken = [row for row in known.rows["level"] if row.frame[age.slot] == age.mask(["recent"])]
    if len(broken) > 1:
        told = [row_telling(row, age.name, "level") for row in broken]
        take_out_no(_TOP["imaging.several_fractures"], told, known)


def _count_neck_levels(known: Known) -> None:
    """At least as many levels of the neck are narrow as the reports list, whatever number they add up to."""
    facts, total = registry()["level"], _TOP["imaging.narrowed_neck_levels"]
    central = facts["stenosis.central"]
    narrow = [
        row
        for row in known.rows["level"]
        if is_segment(row.label)
        and region_of(row.label) == "cervical"
        and (
            row.frame[facts["cord_compression"].slot] == YES
            or row.frame[facts["cord_signal_change"].slot] == YES
            or not row.frame[central.slot] & ~central.mask(["moderate", "severe"])
        )
    ]
    count = min(len(narrow), total.high)
    low, high = known.frame[total.slot : total.slot + 2]
    if count <= low:
        return
    known.frame[total.slot : total.slot + 2] = (count, max(high, count))
    if count > high:
        own = {"value": known.stated[total.name], "fact": total.name}
        rows = [{"value": "narrow", "fact": "level", "level": row.label} for row in narrow]
        found = {"kind": "described", "fact": total.name, "level": None, "readings": [own, *rows]}
        known.disagreements.append(found)


def _check_procedures(known: Known, operations: Sequence[PriorSurgery]) -> None:
    """A procedure told of is recent only within the weeks that the question means; an unknown time leaves both."""
    naming = _TOP["history.recent_procedures"]
    for telling, when in _procedure_told(known):
        shortest, longest = known.frame[when.slot : when.slot + 2]
        if shortest <= RECENT_DAYS:
            take_out_no(naming, [telling], known, certain=longest <= RECENT_DAYS)
    for row, operation in zip(known.rows["surgery"], operations, strict=True):
        _count_operation(row, operation, naming, known)


def _count_operation(row: Row, operation: PriorSurgery, naming: Fact, known: Known) -> None:
    """An operation listed as done within the weeks that count is a recent procedure, whatever else was said."""
    ago = registry()["surgery"]["ago"]
    if ago.name not in row.stated or row.frame[ago.slot + 1] > RECENT_DAYS:
        return
    through_neck = _is_through_front_of_neck(operation)
    neck, done = naming.mask(["anterior_neck_surgery"]), naming.mask(["spine_surgery"])
    if through_neck is not False and "anterior_neck_surgery" in known.stated.get(naming.name, ()):
        return  # the operation has been named already
    possible = known.frame[naming.slot + 1]
    done |= neck if through_neck else 0
    told = [row_telling(row, ago.name, "surgery")]
    take_out_no(naming, told, known)
    if naming.name in known.stated and not possible & 1 and done & ~possible:
        show_told(naming, told, known)
    known.frame[naming.slot] |= done
    known.frame[naming.slot + 1] |= done


def _is_through_front_of_neck(operation: PriorSurgery) -> bool | None:
    """Whether a listed operation was one of those after which the airway is watched; None where that is not known."""
    from_front = None if operation.approach is MISSING else operation.approach in {"anterior", "combined"}
    in_neck = None if operation.levels is MISSING else any(region_of(level) == "cervical" for level in operation.levels)
    parts = {operation.kind in _THROUGH_FRONT_OF_NECK, from_front, in_neck}
    return False if False in parts else None if None in parts else True


def _procedure_told(known: Known) -> Iterator[tuple[Telling, Fact]]:
    """What tells of a procedure, beside the fact that says how long ago it was."""
    since = "history.since_procedure"
    if since in known.stated:
        yield telling(since, known), _TOP[since]
    if known.stated.get("complaint.onset") == "post_procedural":
        yield telling("complaint.onset", known), _TOP["complaint.duration"]


def _check_parts(known: Known) -> None:
    for part, whole in _PARTS:
        if {part, whole} <= known.stated.keys() and known.frame[_TOP[part].slot] > known.frame[_TOP[whole].slot + 1]:
            readings = [{"value": known.stated[name], "fact": name} for name in (part, whole)]
            known.disagreements.append({"kind": "described", "fact": part, "level": None, "readings": readings})


_OTHER_ITEMS = 4
"""Items of STarT Back outside its psychosocial part, one point each (evidence 4.8)."""


def _check_start_back(known: Known) -> None:
    """A STarT Back total cannot exceed its psychosocial part by more than the other items give."""
    part, total = "scores.start_back_psychosocial", "scores.start_back_total"
    if {part, total} <= known.stated.keys() and known.stated[total] - known.stated[part] > _OTHER_ITEMS:
        readings = [{"value": known.stated[name], "fact": name} for name in (part, total)]
        known.disagreements.append({"kind": "described", "fact": total, "level": None, "readings": readings})
