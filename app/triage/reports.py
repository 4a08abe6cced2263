"""Imaging reports, merged by level: where two differ, both are shown and the worse reading counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import Any

from pydantic import MISSING

from app.triage.derived import derive_level
from app.triage.described import check_descriptions, check_grades, open_details
from app.triage.facts import YES, Fact, registry
from app.triage.frames import Frame, Known, Row, Template, slots_of, stated_in, template_of
from app.triage.vocabulary.imaging import LevelFindings, Report
from app.triage.vocabulary.levels import LEVELS, REGIONS, is_segment, region_of

Reading = tuple[Any, ...]
"""The slots that one report leaves of a fact."""
_REPORT_ONLY = {"modality", "date", "views", "covers", "confidence", "measured_by", "levels"}


@dataclass(slots=True)
class _Place:
    """Where findings are taken over to: the consultation, or one level's row."""

    table: str | None
    level: str | None
    frame: Frame
    told: dict[str, Any]
    origin: dict[str, str]
    readings: dict[str, list[Reading]] = field(default_factory=dict)


def read_reports(reports: Iterable[Report], known: Known, ruled_out: frozenset[str]) -> None:
    """Read every report into `known`, in order."""
    covering = frozenset(
        (region, report.modality) for report in reports if report.covers is not MISSING for region in report.covers
    )
    templates, known.shadows["level"] = _level_templates(covering, ruled_out)
    rows: dict[str, Row] = {}
    whole = _Place(None, None, known.frame, known.stated, {})
    places: dict[str, _Place] = {}
    for report in reports:
        origin = report.modality if report.date is MISSING else f"{report.modality} {report.date.isoformat()}"
        _read_whole(report, whole, origin, known)
        for section in () if report.levels is MISSING else report.levels:
            if section.level not in rows:
                row = rows[section.level] = _row(section.level, templates)
                places[section.level] = _Place("level", row.label, row.frame, row.stated, row.origin)
            _read_level(section, places[section.level], origin, known)
    _share_compression(rows)
    silent, _ = _level_templates(frozenset(), ruled_out)
    for row in rows.values():
        check_descriptions(row, known)
        open_details(row, silent[region_of(row.label)].frame)
        check_grades(row, known)
        derive_level(row.frame)
    known.rows["level"] = list(rows.values())


def _share_compression(rows: Mapping[str, Row]) -> None:
    """A cord pressed at a segment is pressed at both vertebrae that it joins, where reports of them are silent."""
    pressed = registry()["level"]["cord_compression"]
    for row in rows.values():
        beside = (other for other in rows.values() if is_segment(other.label) and row.label in other.label.split("-"))
        if pressed.name not in row.stated and any(other.frame[pressed.slot] == YES for other in beside):
            row.frame[pressed.slot] = YES


def _row(level: str, templates: Mapping[str, Template]) -> Row:
    """A level of which only its place is known."""
    row = Row(level, list(templates[region_of(level)].frame), {})
    row.frame[registry()["level"]["level"].slot] = 1 << LEVELS.index(level)
    return row


@lru_cache(maxsize=4096)
def _level_templates(
    covering: frozenset[tuple[str, str]], ruled_out: frozenset[str]
) -> tuple[dict[str, Template], tuple[Template, ...]]:
    """One template a region: by its name, and all of them."""
    found: dict[str, Template] = {
        region: template_of("level", region, frozenset(m for r, m in covering if r == region), ruled_out)
        for region in REGIONS
    }
    return found, tuple(found.values())


def _read_whole(report: Report, whole: _Place, origin: str, known: Known) -> None:
    """Findings that belong to no level: alignment, aorta, sacroiliac joints."""
    for name, value in report.__dict__.items():
        if value is MISSING or name in _REPORT_ONLY:
            continue
        fact = registry()[None].get(f"imaging.{name}")
        found = ((fact, value),) if fact is not None else stated_in(value, f"imaging.{name}.")
        _take_over(found, origin, whole, known)


def _read_level(section: LevelFindings, place: _Place, origin: str, known: Known) -> None:
    found = stated_in(section, "", "level")
    _take_over((told for told in found if told[0].name != "level"), origin, place, known)


def _take_over(found: Iterable[tuple[Fact, Any]], origin: str, place: _Place, known: Known) -> None:
    """Take stated findings over; where reports differ, say so and keep the worse reading, in whatever order they come.

    A report that only says more exactly what another one says does not differ from it.
    """
    for fact, value in found:
        name, new = fact.name, slots_of(fact, value)
        readings = place.readings.setdefault(name, [])
        if new not in readings:
            readings[:] = _most_exact(fact, [*readings, new])
        if new not in readings:
            continue
        if len(readings) > 1:
            _disagree(name, place, {"value": value, "from": origin}, known)
        kept = reduce(lambda one, two: _worse(fact, one, two), readings)
        place.frame[fact.slot : fact.slot + len(kept)] = kept
        if kept == new:
            place.told[name], place.origin[name] = value, origin


def _most_exact(fact: Fact, readings: list[Reading]) -> list[Reading]:
    """The readings without those that leave open what another one of them says."""
    if fact.kind != "one_of" or len(readings) == 1:
        return readings
    return [one for one in readings if not any(two != one and two[0] & one[0] == two[0] for two in readings)]


def _disagree(name: str, place: _Place, reading: dict[str, Any], known: Known) -> None:
    """Record that a reading differs from what an earlier report said; one record a fact and level, each value once."""
    for earlier in known.disagreements:
        if (earlier["kind"], earlier["fact"], earlier["level"]) == ("reports_differ", name, place.level):
            if reading["value"] not in [told["value"] for told in earlier["readings"]]:
                earlier["readings"].append(reading)
            return
    readings = [{"value": place.told[name], "from": place.origin[name]}, reading]
    known.disagreements.append({"kind": "reports_differ", "fact": name, "level": place.level, "readings": readings})


def _worse(fact: Fact, one: Reading, two: Reading) -> Reading:
    """The worse of two readings where the vocabulary says which that is; else everything that either allows."""
    if fact.kind == "yes_no":
        return (max(one[0], two[0]),)
    if fact.kind == "number":
        if fact.worse:
            return max(one, two) if fact.worse == "high" else min(one, two)
        return min(one[0], two[0]), max(one[1], two[1])
    if fact.kind == "some_of":
        return one[0] & two[0], one[1] | two[1]
    if fact.worse == "high":
        return max(one, two)
    union = one[0] | two[0]
    return (union & ~1,) if fact.said_no() and union != 1 else (union,)
