"""From a consultation to what is known."""

from __future__ import annotations

from typing import Any

from pydantic import MISSING

from app.triage.derived import derive_top
from app.triage.facts import NO, TABLES, YES, registry
from app.triage.frames import Known, Row, Template, read_section, template_frame
from app.triage.reports import read_reports
from app.triage.screening import check_screening
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.examination import SADDLE_ROOTS, SensoryFinding

__all__ = ["Known", "Row", "Template", "learn", "template_frame"]


def learn(consultation: Consultation) -> Known:
    """Read a consultation into sets. Pure; the order of reports and rows is kept.

    A group answered "none" against which something was stated rules nothing out: the rest of it is unknown again.
    """
    screening = {} if consultation.screening is MISSING else consultation.screening.__dict__
    screened = {name: answer for name, answer in screening.items() if answer is not MISSING}
    ruled_out = frozenset([group for group, answer in screened.items() if answer == "none"])
    known = _read(consultation, screened, ruled_out)
    doubtful = {d["fact"].removeprefix("screening.") for d in known.disagreements if d["kind"] == "screening"}
    return _read(consultation, screened, ruled_out - doubtful) if doubtful else known


def _read(consultation: Consultation, screened: dict[str, str], ruled_out: frozenset[str]) -> Known:
    frame = list(template_frame(Template(None, ruled_out=ruled_out)))
    known = Known(frame, {}, {table: [] for table in TABLES}, {}, screened, frozenset(), [])
    for name in ("patient", "complaint", "screening", "history", "examination", "treatments", "scores"):
        section = getattr(consultation, name)
        if section is not MISSING:
            read_section(section, name + ".", known.frame, known.stated)
    if consultation.not_known is not MISSING:
        known.not_known = frozenset(consultation.not_known)
    read_reports(() if consultation.imaging is MISSING else consultation.imaging, known, ruled_out)
    _read_lists(consultation, known, ruled_out)
    check_screening(known)
    derive_top(known.frame)
    return known


def _read_lists(consultation: Consultation, known: Known, ruled_out: frozenset[str]) -> None:
    examination, history, treatments = consultation.examination, consultation.history, consultation.treatments
    _read_list(known, "deficit", () if examination is MISSING else examination.motor, ruled_out)
    _read_list(known, "surgery", () if history is MISSING else history.prior_surgery, ruled_out)
    _read_list(known, "course", () if treatments is MISSING else treatments.courses, ruled_out)
    top = registry()[None]
    if known.rows["surgery"] and "history.spine_surgery" not in known.stated:
        known.frame[top["history.spine_surgery"].slot] = YES
    if examination is not MISSING and examination.sensory is not MISSING:
        _read_sensation(examination.sensory, known)
    if known.frame[top["examination.power_otherwise_normal"].slot] == YES:
        known.shadows["deficit"] = (Template("deficit", ruled_out=ruled_out | {"weakness"}),)
    if known.frame[top["history.spine_surgery"].slot] == NO and not known.rows["surgery"]:
        known.shadows["surgery"] = ()
    _read_courses(known)


def _read_sensation(findings: list[SensoryFinding], known: Known) -> None:
    """Loss of feeling by root; in the saddle roots it is a saddle change, whatever else was said of the saddle."""
    top = registry()[None]
    lost = [finding for finding in findings if finding.kind != "normal"]
    if lost:
        known.frame[top["examination.sensory_loss"].slot] = YES
        known.stated["examination.sensory_loss"] = True
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


def _read_list(known: Known, table: str, sections: Any, ruled_out: frozenset[str]) -> None:
    template = Template(table, ruled_out=ruled_out)
    known.shadows[table] = (template,)
    for number, section in enumerate(() if sections is MISSING else sections, start=1):
        row = Row(f"{table} {number}", list(template_frame(template)), {})
        read_section(section, "", row.frame, row.stated, table)
        if table == "deficit":
            row.label = f"{section.side} {section.movement.replace('_', ' ')}"
            limb = registry()["deficit"]["limb"]
            row.frame[limb.slot] = limb.mask(
                ["leg" if section.movement.startswith(("hip", "knee", "ankle", "great")) else "arm"]
            )
        known.rows[table].append(row)


def _read_courses(known: Known) -> None:
    """Without a statement for the whole, the listed courses are all there was.

    Together they lasted at least as long as the longest, and nobody can say more, since they may have run side by side.
    """
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
