"""The meaning of conditions, written to be obviously right and not to be fast.

A consultation is a `World`: for each fact the set of values it may still have, and the same for every listed row of a
table and for every kind of row that nobody listed. A condition over a world is True, False or None (undecided), after
strong Kleene.

    set of a yes/no or one-of-a-list fact    frozenset of values
    set of a number                          (lowest, highest), both possible
    set of a some-of-a-list fact             (values certainly in, values possibly in)

Nothing here reads the generated program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import Any

from app.triage.conditions import All, Among, AnyOf, AtLeast, Atom, Bound, Condition, Has, Not, Same
from app.triage.facts import TABLES, Fact, registry
from app.triage.known import Known

Truth = bool | None
Open = frozenset[tuple[str | None, str]]
_COMPARE = {">=": ge, ">": gt, "<=": le, "<": lt}


@dataclass(slots=True)
class Sets:
    """The sets of the consultation itself, or of one row."""

    of: dict[str, Any]
    answers: dict[tuple[Any, ...], Truth] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything that is known. `unlisted` holds the rows that may exist although nobody listed them."""

    top: Sets
    rows: dict[str, list[Sets]]
    unlisted: dict[str, list[Sets]]


def decode(fact: Fact, frame: Any) -> Any:
    """The set that a fact's slots stand for."""
    if fact.kind == "number":
        return frame[fact.slot], frame[fact.slot + 1]
    if fact.kind == "some_of":
        return _named(fact, frame[fact.slot]), _named(fact, frame[fact.slot + 1])
    return _named(fact, frame[fact.slot])


def _named(fact: Fact, mask: int) -> frozenset[str]:
    return frozenset(value for bit, value in enumerate(fact.values) if mask >> bit & 1)


def world_of(known: Known) -> World:
    """What `learn` understood, as sets."""
    facts = registry()

    def sets(table: str | None, frame: Any) -> Sets:
        return Sets({name: decode(fact, frame) for name, fact in facts[table].items()})

    return World(
        sets(None, known.frame),
        {table: [sets(table, row.frame) for row in known.rows[table]] for table in TABLES},
        {table: [sets(table, template.frame) for template in known.shadows[table]] for table in TABLES},
    )


def holds(atom: Atom, sets: Sets) -> Truth:
    """True if the atom holds for every value still possible, False if for none, otherwise None."""
    key = (atom.fact.name, atom.operator, atom.limit) if isinstance(atom, Bound) else (atom.fact.name, atom.mask)
    if key not in sets.answers:
        sets.answers[key] = _holds(atom, sets.of[atom.fact.name])
    return sets.answers[key]


def _holds(atom: Atom, possible: Any) -> Truth:
    match atom:
        case Bound(_, operator, limit):
            ends = {bool(_COMPARE[operator](end, limit)) for end in possible}
            return ends.pop() if len(ends) == 1 else None
        case Among(fact, mask):
            wanted = _named(fact, mask)
            return True if possible <= wanted else None if possible & wanted else False
        case Has(fact, mask):
            certainly, possibly = possible
            wanted = _named(fact, mask)
            return True if certainly & wanted else None if possibly & wanted else False


def truth(condition: Condition, world: World, row: Sets | None = None) -> Truth:
    """Whether a condition holds in a world; inside `same`, `row` is the row that is looked at."""
    match condition:
        case All(parts):
            answers = [truth(part, world, row) for part in parts]
            return False if False in answers else None if None in answers else True
        case AnyOf(parts):
            answers = [truth(part, world, row) for part in parts]
            return True if True in answers else None if None in answers else False
        case Not(part):
            answer = truth(part, world, row)
            return None if answer is None else not answer
        case AtLeast(count, parts):
            answers = [truth(part, world, row) for part in parts]
            certain, doubtful = answers.count(True), answers.count(None)
            return True if certain >= count else None if certain + doubtful >= count else False
        case Same(table, part):
            listed = [truth(part, world, one) for one in world.rows[table]]
            # A row that nobody listed may not exist: it can make the condition possible, never certain.
            unlisted = [truth(part, world, one) for one in world.unlisted[table]]
            if True in listed:
                return True
            return None if None in listed or any(answer is not False for answer in unlisted) else False
        case Bound() | Among() | Has():
            return holds(condition, world.top if row is None or condition.fact.table is None else row)


def still_open(condition: Condition, world: World, row: Sets | None = None) -> Open:
    """(table, fact) of every unknown on which an undecided condition still depends; empty for a decided one.

    A finding that is unknown at a listed level is asked for there; only without such a level is it asked for elsewhere.
    """
    if truth(condition, world, row) is not None:
        return frozenset()
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            return frozenset().union(*(still_open(part, world, row) for part in parts))
        case Not(part):
            return still_open(part, world, row)
        case Same(table, part):
            listed: Open = frozenset().union(*(still_open(part, world, one) for one in world.rows[table]))
            if listed and table == "level":
                return listed
            return listed.union(*(still_open(part, world, one) for one in world.unlisted[table]))
        case Bound(fact) | Among(fact) | Has(fact):
            return frozenset({(fact.table, fact.name)})


def claims(condition: Condition, *, positive: bool = True) -> Iterator[tuple[Atom | Same, bool]]:
    """Every atom and row condition with the direction in which it can speak for the condition."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from claims(part, positive=positive)
        case Not(part):
            yield from claims(part, positive=not positive)
        case Bound() | Among() | Has() | Same():
            yield condition, positive


def truth_from(condition: Condition, world: World, believed: frozenset[Atom | Same], row: Sets | None = None) -> Truth:
    """The truth of a condition when only some atoms and row conditions are believed and all others are forgotten."""
    match condition:
        case All(parts):
            answers = [truth_from(part, world, believed, row) for part in parts]
            return False if False in answers else None if None in answers else True
        case AnyOf(parts):
            answers = [truth_from(part, world, believed, row) for part in parts]
            return True if True in answers else None if None in answers else False
        case Not(part):
            answer = truth_from(part, world, believed, row)
            return None if answer is None else not answer
        case AtLeast(count, parts):
            answers = [truth_from(part, world, believed, row) for part in parts]
            certain, doubtful = answers.count(True), answers.count(None)
            return True if certain >= count else None if certain + doubtful >= count else False
        case _:
            return truth(condition, world, row) if condition in believed else None
