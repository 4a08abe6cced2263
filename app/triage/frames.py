"""What is known, as sets: a frame for the consultation, one for each row; each slot is a set of values still possible.

"Not reported" is unknown unless somebody said otherwise: a report that covers a region, or a screening group answered
"none". Those shape a row's template, and the template of the rows that nobody listed (`shadows`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import MISSING

from app.triage.derived import derive_level
from app.triage.facts import NO, YES, Fact, blank, registry
from app.triage.vocabulary.declare import Section
from app.triage.vocabulary.levels import LEVELS, REGIONS, region_of
from app.triage.vocabulary.quantities import grade_value

Frame = list[Any]
TEMPLATES_KEPT = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What shapes an otherwise unknown row, or, with no table, the consultation; made by `template_of`.

    Its region, the modalities that covered it completely, the screening groups answered "none", and the frame of a row
    of which no more is known. Compared by identity.
    """

    table: str | None
    region: str | None
    covered_by: frozenset[str]
    ruled_out: frozenset[str]
    frame: tuple[Any, ...]


@dataclass(slots=True)
class Row:
    """One listed level, deficit, operation or treatment."""

    label: str
    frame: Frame
    stated: dict[str, Any]
    origin: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """Everything a consultation lets us know, and where it disagrees with itself."""

    frame: Frame
    stated: dict[str, Any]
    rows: dict[str, list[Row]]
    shadows: dict[str, tuple[Template, ...]]
    screened: dict[str, str]
    not_known: frozenset[str]
    disagreements: list[dict[str, Any]]


@lru_cache(maxsize=TEMPLATES_KEPT)
def template_of(
    table: str | None,
    region: str | None = None,
    covered_by: frozenset[str] = frozenset(),
    ruled_out: frozenset[str] = frozenset(),
) -> Template:
    """The template with these properties."""
    frame = blank(table)
    facts = registry()[table]
    for fact in facts.values():
        closed = ruled_out.intersection(fact.groups) or (
            fact.ruled_out_on and covered_by.intersection(fact.ruled_out_on)
        )
        no = fact.said_no() if closed else None
        if no is not None:
            frame[fact.slot : fact.slot + len(no)] = no
    if table == "level":
        if region:
            frame[facts["region"].slot] = facts["region"].mask([region])
            frame[facts["level"].slot] = _LEVELS_IN[region]
        derive_level(frame)
    return Template(table, region, covered_by, ruled_out, tuple(frame))


_LEVELS_IN: dict[str, int] = {
    region: sum(1 << i for i, level in enumerate(LEVELS) if region_of(level) == region) for region in REGIONS
}


def slots_of(fact: Fact, value: Any) -> tuple[Any, ...]:
    """A stated value as the slots of its fact."""
    if fact.kind == "yes_no":
        return (YES,) if value else (NO,)
    if fact.kind == "one_of":
        return (fact.stated(value),)
    if fact.kind == "some_of":
        mask = fact.mask(value)
        return mask, mask
    if isinstance(value, Section):
        low, high = value.bounds()  # type: ignore[attr-defined]  # only quantities are numbers
        return low, high
    number = grade_value(value)
    return number, number


def stated_in(section: Section, prefix: str, table: str | None = None) -> Iterator[tuple[Fact, Any]]:
    """Every fact that a section states, with the value as it was stated.

    In declared order, so that a note never depends on the order of a set.
    """
    facts = registry()[table]
    for name, value in section.__dict__.items():
        if value is MISSING:
            continue
        fact = facts.get(prefix + name)
        if fact is not None:
            yield fact, value
        elif isinstance(value, Section):
            yield from stated_in(value, f"{prefix}{name}.", table)


def read_section(section: Section, prefix: str, frame: Frame, stated: dict[str, Any], table: str | None = None) -> None:
    """Write every stated fact of a section into a frame, and remember it as it was stated."""
    for fact, value in stated_in(section, prefix, table):
        slots = slots_of(fact, value)
        frame[fact.slot : fact.slot + len(slots)] = slots
        stated[fact.name] = value
