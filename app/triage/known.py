"""From a consultation to what is known: one frame for the whole, one for each row of a table, each slot a set of values still possible.

"Not reported" is unknown, unless somebody said otherwise: a report that covers a region, or a screening group answered "none".
Those shape a row's template, and the template of the rows nobody listed (`shadows`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, get_args

from pydantic import MISSING

from app.triage.derived import derive_level, derive_top
from app.triage.facts import NO, TABLES, YES, Fact, blank, registry
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Group, Section
from app.triage.vocabulary.imaging import Report
from app.triage.vocabulary.levels import LEVELS, REGIONS, region_of
from app.triage.vocabulary.quantities import grade_value

Frame = list[Any]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Template:
    """What shapes an otherwise unknown row: its region, the modalities that covered it, the groups answered "none"."""

    table: str
    region: str | None = None
    covered_by: frozenset[str] = frozenset()
    ruled_out: frozenset[str] = frozenset()


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


@cache
def template_frame(template: Template) -> tuple[Any, ...]:
    """The frame of a row of which only the template is known."""
    frame = blank(template.table)
    facts = registry()[template.table]
    for fact in facts.values():
        closed = fact.group in template.ruled_out or (fact.seen_on and template.covered_by.intersection(fact.seen_on))
        no = fact.said_no() if closed else None
        if no is not None:
            frame[fact.slot : fact.slot + len(no)] = no
    if template.table == "level":
        if template.region:
            frame[facts["region"].slot] = 1 << REGIONS.index(template.region)  # type: ignore[arg-type]  # a Region by construction
            frame[facts["level"].slot] = _LEVELS_IN[template.region]
        derive_level(frame)
    return tuple(frame)


_LEVELS_IN = {region: sum(1 << i for i, level in enumerate(LEVELS) if region_of(level) == region) for region in REGIONS}


def learn(consultation: Consultation) -> Known:
    """Read a consultation into sets. Pure; the order of reports and rows is kept."""
    known = Known(blank(None), {}, {table: [] for table in TABLES}, {}, {}, frozenset(), [])
    for name in ("patient", "complaint", "history", "examination", "treatments", "scores"):
        section = getattr(consultation, name)
        if section is not MISSING:
            _read(section, name + ".", known.frame, known.stated)
    if consultation.not_known is not MISSING:
        known.not_known = frozenset(consultation.not_known)
    if consultation.screening is not MISSING:
        known.screened = {name: answer for name, answer in consultation.screening.__dict__.items() if answer is not MISSING}
    ruled_out = frozenset(group for group, answer in known.screened.items() if answer == "none")
    _read_tables(consultation, known, ruled_out)
    _screen(known, ruled_out)
    derive_top(known.frame)
    return known


def slots_of(fact: Fact, value: Any) -> tuple[Any, ...]:
    """A stated value as the slots of its fact."""
    if fact.kind == "yes_no":
        return (YES,) if value else (NO,)
    if fact.kind == "one_of":
        return (1 << fact.values.index(value),)
    if fact.kind == "some_of":
        mask = fact.mask(value)
        return mask, mask
    if isinstance(value, Section):
        low, high = value.bounds()  # type: ignore[attr-defined]  # only quantities are numbers
        return low, high
    number = grade_value(value)
    return number, number


def _read(section: Section, prefix: str, frame: Frame, stated: dict[str, Any], table: str | None = None) -> None:
    facts = registry()[table]
    for name, value in section.__dict__.items():  # in declared order, so that a note never depends on the order of a set
        if value is MISSING:
            continue
        fact = facts.get(prefix + name)
        if fact is not None:
            frame[fact.slot : fact.slot + 1 + fact.wide] = slots_of(fact, value)
            stated[fact.name] = value
        elif isinstance(value, Section):
            _read(value, f"{prefix}{name}.", frame, stated, table)


def _read_tables(consultation: Consultation, known: Known, ruled_out: frozenset[str]) -> None:
    reports = () if consultation.imaging is MISSING else consultation.imaging
    covering = frozenset((region, report.modality) for report in reports if report.covers is not MISSING for region in report.covers)
    templates = _level_templates(covering, ruled_out)
    known.shadows["level"] = tuple(templates.values())
    rows: dict[str, Row] = {}
    for report in reports:
        _read_report(report, rows, templates, known)
    known.rows["level"] = list(rows.values())
    for row in known.rows["level"]:
        derive_level(row.frame)
    examination, history, treatments = consultation.examination, consultation.history, consultation.treatments
    _read_list(known, "deficit", () if examination is MISSING else examination.motor, ruled_out)
    _read_list(known, "surgery", () if history is MISSING else history.prior_surgery, ruled_out)
    _read_list(known, "course", () if treatments is MISSING else treatments.courses, ruled_out)
    top = registry()[None]
    if known.rows["surgery"] and "history.spine_surgery" not in known.stated:
        known.frame[top["history.spine_surgery"].slot] = YES
    if examination is not MISSING and examination.sensory is not MISSING and any(s.kind != "normal" for s in examination.sensory):
        known.frame[top["examination.sensory_loss"].slot] = YES
        known.stated["examination.sensory_loss"] = True
    if known.frame[top["examination.power_otherwise_normal"].slot] == YES:
        known.shadows["deficit"] = (Template("deficit", ruled_out=ruled_out | {"weakness"}),)
    if known.frame[top["history.spine_surgery"].slot] == NO and not known.rows["surgery"]:
        known.shadows["surgery"] = ()
    _read_courses(known)


@lru_cache(maxsize=4096)
def _level_templates(covering: frozenset[tuple[str, str]], ruled_out: frozenset[str]) -> dict[str, Template]:
    """One template a region."""
    return {region: Template("level", region, frozenset(m for r, m in covering if r == region), ruled_out) for region in REGIONS}


def _read_list(known: Known, table: str, sections: Any, ruled_out: frozenset[str]) -> None:
    template = Template(table, ruled_out=ruled_out)
    known.shadows[table] = (template,)
    for number, section in enumerate(() if sections is MISSING else sections, start=1):
        row = Row(f"{table} {number}", list(template_frame(template)), {})
        _read(section, "", row.frame, row.stated, table)
        if table == "deficit":
            row.label = f"{section.side} {section.movement.replace('_', ' ')}"
            limb = registry()["deficit"]["limb"]
            row.frame[limb.slot] = limb.mask(["leg" if section.movement.startswith(("hip", "knee", "ankle", "great")) else "arm"])
        known.rows[table].append(row)


def _read_courses(known: Known) -> None:
    """Without a statement for the whole, the courses say: at least the longest one, at most their sum; never more certain than that."""
    top, facts = registry()[None], registry()["course"]
    rows = known.rows["course"]
    whole, outcome = top["treatments.conservative_duration"], top["treatments.conservative_care"]
    if rows and whole.name not in known.stated:
        spans = [(r.frame[facts["duration"].slot], r.frame[facts["duration"].slot + 1]) for r in rows]
        known.frame[whole.slot] = max(low for low, _ in spans)
    if rows and outcome.name not in known.stated:
        mask = 0
        for row in rows:
            mask |= row.frame[facts["outcome"].slot]
        # The outcome of a course is a value of the whole's list too, one place further on (after "not_tried").
        known.frame[outcome.slot] = mask << 1


def _read_report(report: Report, rows: dict[str, Row], templates: Mapping[str, Template], known: Known) -> None:
    origin = report.modality if report.date is MISSING else f"{report.modality} {report.date.isoformat()}"
    for name, value in report.__dict__.items():
        fact = registry()[None].get(f"imaging.{name}")
        if value is MISSING or (fact is None and not isinstance(value, Section)):
            continue
        frame, stated = blank(None), dict[str, Any]()
        if fact is not None:
            frame[fact.slot : fact.slot + 1 + fact.wide] = slots_of(fact, value)
            stated[fact.name] = value
        else:
            _read(value, f"imaging.{name}.", frame, stated)
        _take_over(None, "", frame, stated, origin, known.frame, known.stated, {}, known)
    for section in () if report.levels is MISSING else report.levels:
        region = region_of(section.level)
        row = rows.get(section.level)
        if row is None:
            row = rows[section.level] = Row(section.level, list(template_frame(templates[region])), {})
            row.frame[registry()["level"]["level"].slot] = 1 << LEVELS.index(section.level)
        frame, stated = blank("level"), {}
        _read(section, "", frame, stated, "level")
        stated.pop("level", None)
        _take_over("level", section.level, frame, stated, origin, row.frame, row.stated, row.origin, known)


def _take_over(
    table: str | None, label: str, frame: Frame, stated: dict[str, Any], origin: str, into: Frame, told: dict[str, Any], sources: dict[str, str], known: Known
) -> None:
    """Take stated findings over; where an earlier report says something else, say so and keep the worse reading."""
    for name, value in stated.items():
        fact = registry()[table][name]
        at = slice(fact.slot, fact.slot + 1 + fact.wide)
        new = tuple(frame[at])
        if name in told and tuple(into[at]) != new:
            readings = [{"value": told[name], "from": sources.get(name, "earlier report")}, {"value": value, "from": origin}]
            known.disagreements.append({"kind": "reports_differ", "fact": name, "level": label or None, "readings": readings})
            kept = _worse(fact, tuple(into[at]), new)
            if kept == new:
                told[name], sources[name] = value, origin
            into[at] = kept
        else:
            into[at] = new
            told[name], sources[name] = value, origin


def _worse(fact: Fact, one: tuple[Any, ...], two: tuple[Any, ...]) -> tuple[Any, ...]:
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


@cache
def members(group: str) -> tuple[Fact, ...]:
    """The consultation's facts that a screening group answers."""
    return tuple(fact for fact in registry()[None].values() if fact.group == group)


def _screen(known: Known, ruled_out: frozenset[str]) -> None:
    """Let "none" answer the members nobody stated; a member stated otherwise stands, and the disagreement is shown."""
    for group in GROUPS:
        answer = known.screened.get(group)
        if answer is None:
            continue
        against: list[dict[str, Any]] = []
        for fact in members(group):
            no = fact.said_no()
            at = slice(fact.slot, fact.slot + 1 + fact.wide)
            if fact.name not in known.stated:
                if answer == "none" and no is not None and tuple(known.frame[at]) == fact.unknown():
                    known.frame[at] = no
            elif not is_no(fact, known.frame):
                against.append({"value": known.stated[fact.name], "fact": fact.name})
        against += _rows_against(known, group)
        if answer == "none" and against:
            known.disagreements.append({"kind": "screening", "fact": f"screening.{group}", "level": None, "readings": [{"value": "none", "fact": f"screening.{group}"}, *against]})
        elif answer == "some" and not against and all(fact.name in known.stated for fact in members(group)):
            known.disagreements.append({"kind": "screening_some", "fact": f"screening.{group}", "level": None, "readings": [{"value": "some", "fact": f"screening.{group}"}]})


def _rows_against(known: Known, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for table, rows in known.rows.items():
        facts = registry()[table]
        found += [
            {"value": row.stated[name], "fact": name, "level": row.label}
            for row in rows
            for name in row.stated
            if facts[name].group == group and not is_no(facts[name], row.frame)
        ]
    return found


def is_no(fact: Fact, frame: Frame) -> bool:
    """Whether every value still possible is the fact's "no"."""
    no = fact.said_no()
    if no is None:
        return False
    if fact.kind == "number":
        return bool(no[0] <= frame[fact.slot] and frame[fact.slot + 1] <= no[1])
    return tuple(frame[fact.slot : fact.slot + len(no)]) == no
