"""From a consultation to what is known."""

from __future__ import annotations

from typing import Any

from pydantic import MISSING

from app.triage.derived import derive_top
from app.triage.facts import NO, REPORTS, TABLES, YES, Fact, registry
from app.triage.frames import Known, Row, Template, read_section, template_of
from app.triage.hints import check_hints
from app.triage.reports import read_reports
from app.triage.screening import check_screening, owners_of_reports
from app.triage.told import check_told
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.examination import SADDLE_ROOTS, SensoryFinding

__all__ = ["Known", "Row", "Template", "learn"]


def learn(consultation: Consultation) -> Known:
    """Read a consultation into sets. Pure; the order of reports and rows is kept.

    A group answered "none" against which something was stated rules nothing out: the rest of it is unknown again.
    """
    screening = {} if consultation.screening is MISSING else consultation.screening.__dict__
    screened = {name: answer for name, answer in screening.items() if answer is not MISSING}
    ruled_out = frozenset([group for group, answer in screened.items() if answer == "none"])
    denied_reports = screened.get(REPORTS) == "some" and owners_of_reports() <= ruled_out
    if denied_reports:
        # A report names something that every other screen denies: which it is, is open again.
        ruled_out -= owners_of_reports()
    known = _read(consultation, screened, ruled_out)
    doubtful = {d["fact"].removeprefix("screening.") for d in known.disagreements if d["kind"] == "screening"}
    if doubtful:
        known = _read(consultation, screened, ruled_out - doubtful)
    if denied_reports:
        known.disagreements.append(_denied_reports())
    return known


def _denied_reports() -> dict[str, Any]:
    fact = f"screening.{REPORTS}"
    denied = [{"value": "none", "fact": f"screening.{group}"} for group in sorted(owners_of_reports())]
    return {"kind": "described", "fact": fact, "level": None, "readings": [{"value": "some", "fact": fact}, *denied]}


def _read(consultation: Consultation, screened: dict[str, str], ruled_out: frozenset[str]) -> Known:
    frame = list(template_of(None, ruled_out=ruled_out).frame)
    known = Known(frame, {}, {table: [] for table in TABLES}, {}, screened, frozenset(), [])
    for name in ("patient", "complaint", "screening", "history", "examination", "treatments", "scores"):
        section = getattr(consultation, name)
        if section is not MISSING:
            read_section(section, name + ".", known.frame, known.stated)
    if consultation.not_known is not MISSING:
        known.not_known = frozenset(consultation.not_known)
    _keep_unknown(known)
    read_reports(() if consultation.imaging is MISSING else consultation.imaging, known, ruled_out)
    _read_lists(consultation, known, ruled_out)
    check_screening(known)
    derive_top(known.frame)
    return known


def _keep_unknown(known: Known) -> None:
    """What was asked and is not known stays unknown, even where its group was answered "none"."""
    for name in known.not_known:
        fact = registry()[None].get(name)
        if fact is not None and name not in known.stated:
            known.frame[fact.slot : fact.slot + 1 + fact.wide] = fact.unknown()


def _read_lists(consultation: Consultation, known: Known, ruled_out: frozenset[str]) -> None:
    examination, history, treatments = consultation.examination, consultation.history, consultation.treatments
    _read_list(known, "deficit", () if examination is MISSING else examination.motor, ruled_out)
    _read_list(known, "surgery", () if history is MISSING else history.prior_surgery, ruled_out)
    _read_list(known, "course", () if treatments is MISSING else treatments.courses, ruled_out)
    top = registry()[None]
    _read_sensation([] if examination is MISSING or examination.sensory is MISSING else examination.sensory, known)
    operations = () if history is MISSING or history.prior_surgery is MISSING else history.prior_surgery
    check_told(known, operations)
    check_hints(known)
    _check_grades(known)
    if known.frame[top["examination.power_otherwise_normal"].slot] == YES:
        known.shadows["deficit"] = (template_of("deficit", ruled_out=ruled_out | {"weakness"}),)
    if known.frame[top["history.spine_surgery"].slot] == NO and not known.rows["surgery"]:
        known.shadows["surgery"] = ()
    _read_courses(known)


def _read_sensation(findings: list[SensoryFinding], known: Known) -> None:
    """Loss of feeling by root; in the saddle roots it is a saddle change, whatever else was said of the saddle."""
    top = registry()[None]
    lost = [finding for finding in findings if finding.kind != "normal"]
    if lost:
        _settle_sensory_loss(known, lost=True)
    elif "examination.sensation_otherwise_normal" in known.stated:
        _settle_sensory_loss(known, lost=not known.stated["examination.sensation_otherwise_normal"])
    saddle = top["examination.perianal_sensation"]
    kinds = ["absent" if finding.kind == "absent" else "altered" for finding in lost if finding.root in SADDLE_ROOTS]
    if not kinds:
        return
    worst = "absent" if "absent" in kinds else "altered"
    told = known.stated.get(saddle.name)
    if told == "normal":
        readings = [{"value": told, "fact": saddle.name}, {"value": worst, "from": "examination.sensory"}]
        known.disagreements.append({"kind": "described", "fact": saddle.name, "level": None, "readings": readings})
    if told in {None, "normal"} or worst == "absent":
        known.frame[saddle.slot] = saddle.mask([worst])
        known.stated[saddle.name] = worst


def _settle_sensory_loss(known: Known, *, lost: bool) -> None:
    loss = registry()[None]["examination.sensory_loss"]
    known.frame[loss.slot] = YES if lost else NO
    known.stated[loss.name] = lost


def _read_list(known: Known, table: str, sections: Any, ruled_out: frozenset[str]) -> None:
    template = template_of(table, ruled_out=ruled_out)
    known.shadows[table] = (template,)
    for number, section in enumerate(() if sections is MISSING else sections, start=1):
        row = Row(f"{table} {number}", list(template.frame), {})
        read_section(section, "", row.frame, row.stated, table)
        if table == "deficit":
            row.label = f"{section.side} {section.movement.replace('_', ' ')}"
            repeats = sum(earlier.label.startswith(row.label) for earlier in known.rows[table])
            row.label += f" ({repeats + 1})" if repeats else ""
            limb = registry()["deficit"]["limb"]
            row.frame[limb.slot] = limb.mask(
                ["leg" if section.movement.startswith(("hip", "knee", "ankle", "great")) else "arm"]
            )
        known.rows[table].append(row)


def _check_grades(known: Known) -> None:
    """One movement of one side, graded twice and differently: both are shown, and either grade can satisfy a rule."""
    by_movement: dict[str, list[Row]] = {}
    for row in known.rows["deficit"]:
        if "grade" in row.stated:
            by_movement.setdefault(row.stated["movement"], []).append(row)
    grade = registry()["deficit"]["grade"]
    for rows in by_movement.values():
        differing = [
            row
            for row in rows
            if any(_share_a_side(row, other) and row.frame[grade.slot] != other.frame[grade.slot] for other in rows)
        ]
        if differing:
            name = "examination.motor.grade"
            readings = [{"value": row.stated["grade"], "fact": name, "level": row.label} for row in differing]
            known.disagreements.append({"kind": "described", "fact": name, "level": None, "readings": readings})


def _share_a_side(one: Row, other: Row) -> bool:
    sides = {one.stated["side"], other.stated["side"]}
    return len(sides) == 1 or "both" in sides


def _read_courses(known: Known) -> None:
    """The listed courses are all there was: together at least as long as the longest, with one of their results.

    They may have run side by side, so nobody can say how much longer than that. A statement for the whole narrows
    this; where it cannot be so, both readings stay possible.
    """
    rows = known.rows["course"]
    if not rows:
        return
    # The list is complete: there is no treatment beside it.
    known.shadows["course"] = ()
    duration, whole = registry()["course"]["duration"], registry()[None]["treatments.conservative_duration"]
    longest = max(rows, key=lambda row: row.frame[duration.slot])
    shortest, most = known.frame[whole.slot : whole.slot + 2]
    least = longest.frame[duration.slot]
    if most >= least:
        known.frame[whole.slot] = max(shortest, least)
    else:
        known.frame[whole.slot + 1] = whole.high
        _show_courses(whole, duration, [longest], known)
    result, outcome = registry()["course"]["outcome"], registry()[None]["treatments.conservative_care"]
    mask = 0
    for row in rows:
        # The outcome of a course is a value of the whole's list too, one place further on (after "not_tried").
        mask |= row.frame[result.slot] << 1
    if known.frame[outcome.slot] & mask:
        known.frame[outcome.slot] &= mask
    else:
        known.frame[outcome.slot] |= mask
        _show_courses(outcome, result, rows, known)


def _show_courses(whole: Fact, part: Fact, rows: list[Row], known: Known) -> None:
    readings: list[dict[str, Any]] = [{"value": known.stated[whole.name], "fact": whole.name}]
    for row in rows:
        name = part.name if part.name in row.stated else "kind"
        readings.append({"value": row.stated[name], "fact": f"treatments.courses.{name}", "level": row.label})
    known.disagreements.append({"kind": "described", "fact": whole.name, "level": None, "readings": readings})
