"""Every fact that a rule may name, read from the declarations of the vocabulary.

Facts of a table (`level`, `deficit`, `surgery`, `course`) live in one frame a row, all others in one frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.triage.fact import EITHER, NO, REPORTS, TABLE_PATHS, YES, Fact
from app.triage.vocabulary.annotations import bounds, unwrapped
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import BONE_VIEWS, Section, Span
from app.triage.vocabulary.examination import MotorFinding, SensoryFinding
from app.triage.vocabulary.history import PriorSurgery
from app.triage.vocabulary.imaging import LevelFindings, Report
from app.triage.vocabulary.levels import LEVELS, REGIONS
from app.triage.vocabulary.quantities import QUANTITIES, MuscleGrade
from app.triage.vocabulary.treatments import Course

__all__ = ["EITHER", "NO", "REPORTS", "TABLES", "TABLE_PATHS", "YES", "Fact", "blank", "registry", "row_list"]

TABLES: dict[str, type[Section]] = {
    "level": LevelFindings,
    "deficit": MotorFinding,
    "surgery": PriorSurgery,
    "course": Course,
}
_NOT_FACTS = {
    "patient.reference",
    "not_known",
    "imaging.date",
    "imaging.views",
    "imaging.covers",
    "imaging.modality",
    "imaging.confidence",
    "imaging.measured_by",
}


def _fact(name: str, declared: FieldInfo, table: str | None) -> Fact | None:
    kind_of = unwrapped(declared.annotation)
    given = declared.json_schema_extra
    extra: dict[str, Any] = given if isinstance(given, dict) else {}
    stands_for = {word: tuple(values) for word, values in extra.get("x-stands-for", {}).items()}
    shape: dict[str, Any] = {"stands_for": tuple(stands_for.items())}
    if kind_of is bool:
        shape |= {"kind": "yes_no", "values": ("no", "yes")}
    elif get_origin(kind_of) is Literal:
        shape |= {"kind": "one_of", "values": tuple(v for v in get_args(kind_of) if v not in stands_for)}
    elif get_origin(kind_of) is list and get_origin(get_args(kind_of)[0]) is Literal:
        shape |= {"kind": "some_of", "values": get_args(get_args(kind_of)[0])}
    elif kind_of is MuscleGrade:
        shape |= {"kind": "number", "low": 0.0, "high": 5.0}
    elif kind_of in {int, float}:
        low, high = bounds(declared)
        shape |= {"kind": "number", "low": low, "high": high}
    elif isinstance(kind_of, type) and issubclass(kind_of, Section) and kind_of in QUANTITIES:
        unit, low, high = QUANTITIES[kind_of]
        shape |= {"kind": "number", "low": low, "high": high, "unit": unit}
    else:
        return None
    shape.setdefault("unit", extra.get("x-unit"))
    last = name.rsplit(".", 1)[-1]
    for suffix in ("_mm", "_deg", "_cm", "_percent", "_ml", "_kg"):
        last = last.removesuffix(suffix)
    return Fact(
        name=name,
        table=table,
        label=extra.get("x-label") or last.replace("_", " "),
        question=declared.description or "",
        plausible=_span(extra, "x-plausible"),
        group=extra.get("x-screening-group"),
        normal=_span(extra, "x-normal"),
        worse=extra.get("x-worse"),
        seen_on=tuple(extra["x-seen-on"]) if "x-seen-on" in extra else None,
        ruled_out_on=tuple(extra.get("x-ruled-out-on", extra.get("x-seen-on", ()))) or None,
        reported=bool(extra.get("x-reported")),
        codes=tuple(extra.get("x-codes", ())),
        **shape,
    )


def _span(extra: dict[str, Any], key: str) -> Span | None:
    return (float(extra[key][0]), float(extra[key][1])) if key in extra else None


def _walk(model: type[Section], prefix: str, table: str | None) -> Iterator[Fact]:
    for name, declared in model.model_fields.items():
        path = f"{prefix}{name}"
        inner = unwrapped(declared.annotation)
        if get_origin(inner) is list:
            inner = get_args(inner)[0]
        if path in _NOT_FACTS or inner in {*TABLES.values(), SensoryFinding}:
            continue
        fact = _fact(path, declared, table)
        if fact is not None:
            yield fact
        elif isinstance(inner, type) and issubclass(inner, Section):
            yield from _walk(inner, path + ".", table)


def _worked_out(name: str, span: Span, unit: str, label: str, *inputs: str, table: str | None = None) -> Fact:
    """A number that is derived from other facts."""
    plausible = (15.0, 60.0) if name == "patient.bmi" else None
    seen_on = BONE_VIEWS if table == "level" else None
    low, high = span
    return Fact(name, table, "number", (), low, high, unit, label, plausible=plausible, inputs=inputs, seen_on=seen_on)


_ALIGNMENT = "imaging.alignment."
_DERIVED = (
    _worked_out("patient.bmi", (1, 300), "kg/m2", "body-mass index", "patient.height_cm", "patient.weight_kg"),
    _worked_out(
        "complaint.leg_minus_back",
        (-10, 10),
        "points",
        "leg pain minus back pain",
        "complaint.leg_pain",
        "complaint.back_pain",
    ),
    _worked_out(
        "complaint.arm_minus_neck",
        (-10, 10),
        "points",
        "arm pain minus neck pain",
        "complaint.arm_pain",
        "complaint.neck_pain",
    ),
    _worked_out(
        _ALIGNMENT + "pi_minus_ll_deg",
        (-110, 180),
        "degrees",
        "pelvic incidence minus lumbar lordosis",
        _ALIGNMENT + "pelvic_incidence_deg",
        _ALIGNMENT + "lumbar_lordosis_deg",
    ),
    _worked_out("meyerding", (0, 5), "grade 0-5", "Meyerding grade", "spondylolisthesis.slip_percent", table="level"),
    Fact(
        "examination.sensory_loss",
        None,
        "yes_no",
        ("no", "yes"),
        label="loss of feeling on examination",
        question="Is feeling reduced or changed on examination?",
        inputs=("examination.sensation_otherwise_normal",),
        group="weakness",
    ),
    Fact("level", "level", "one_of", LEVELS, label="level"),
    Fact("region", "level", "one_of", REGIONS, label="region of the level"),
    Fact("limb", "deficit", "one_of", ("arm", "leg"), label="limb"),
)


@cache
def registry() -> dict[str | None, dict[str, Fact]]:
    """All facts by table (None: the consultation itself) and name, with their slots."""
    found = [*_walk(Consultation, "", None), *_walk(Report, "imaging.", None)]
    for table, model in TABLES.items():
        found += _walk(model, "", table)
    by_table: dict[str | None, dict[str, Fact]] = {None: {}, **{table: {} for table in TABLES}}
    sizes: dict[str | None, int] = dict.fromkeys(by_table, 0)
    for fact in [*(f for f in found if not (f.table == "level" and f.name == "level")), *_DERIVED]:
        at = by_table[fact.table]
        if fact.name in at:
            continue
        at[fact.name] = replace(fact, slot=sizes[fact.table])
        sizes[fact.table] += 2 if fact.wide else 1
    return by_table


@cache
def row_list(table: str) -> tuple[str, str, str]:
    """(name, question, label) of the list that holds a table's rows, as the vocabulary declares it."""
    section, _, name = TABLE_PATHS[table].partition(".")
    model = unwrapped(Consultation.model_fields[section].annotation)
    declared = model.model_fields[name]
    return TABLE_PATHS[table], declared.description or "", dict(declared.json_schema_extra or {}).get("x-label", name)


@cache
def _blank(table: str | None) -> tuple[Any, ...]:
    return tuple(slot for fact in registry()[table].values() for slot in fact.unknown())


def blank(table: str | None) -> list[Any]:
    """A frame of which nothing is known."""
    return list(_blank(table))
