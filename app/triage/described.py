"""A finding that is described exists, even where the word that names it was left out or says "none"."""

from __future__ import annotations

from typing import Any

from app.triage.derived import GENANT_SPANS, MEYERDING_SPANS, meyerding
from app.triage.facts import Fact, registry
from app.triage.frames import Known, Row
from app.triage.screening import is_no

_FACTS = registry()["level"]
SPOKEN_FOR = {
    "spondylolisthesis.type": ("direction", "slip_mm", "slip_percent", "meyerding_grade"),
    "herniation.type": ("side", "root_contact", "recurrent"),
    "fracture.age": (
        "morphology",
        "odontoid_type",
        "height_loss_percent",
        "genant_grade",
        "kyphosis_deg",
        "ligament_complex",
        "posterior_wall",
        "retropulsion_percent",
        "posterior_elements",
        "interspinous_widening",
        "marrow_oedema",
    ),
    "lesion.type": ("body_involved_percent", "alignment", "collapse", "posterolateral", "soft_tissue_mass"),
}
"""For each naming fact, the details that only an existing finding has. Movement and endplate length are no slip."""

_PARTS = {
    name: [f for f in _FACTS.values() if f.name.startswith(name.partition(".")[0] + ".") and f.name != name]
    for name in SPOKEN_FOR
}
"""For each naming fact, everything else that can be said of the finding."""

_ROUNDING_PERCENT = 2.0
_SLIP, _SLIP_MM, _ENDPLATE = (
    _FACTS[f"spondylolisthesis.{name}"] for name in ("slip_percent", "slip_mm", "endplate_mm")
)
_GIVEN_GRADE, _GENANT = _FACTS["spondylolisthesis.meyerding_grade"], _FACTS["fracture.genant_grade"]
_HEIGHT = _FACTS["fracture.height_loss_percent"]


def check_descriptions(row: Row, known: Known) -> None:
    """Take "none" out of the naming fact of every described finding; where "none" was stated, show both."""
    for name, details in SPOKEN_FOR.items():
        naming = _FACTS[name]
        prefix = name.partition(".")[0]
        present = [f"{prefix}.{d}" for d in details if _tells(_FACTS[f"{prefix}.{d}"], row)]
        if not present or not row.frame[naming.slot] & 1:
            continue
        if name in row.stated:
            readings = [_reading(name, row), *(_reading(detail, row) for detail in present)]
            known.disagreements.append({"kind": "described", "fact": name, "level": row.label, "readings": readings})
        rest = row.frame[naming.slot] & ~1
        row.frame[naming.slot] = rest or naming.everything & ~1
    _check_slip(row, known)


def check_grades(row: Row, known: Known) -> None:
    """Compare the grades that reports give with what they measured."""
    _check_grade(row, known, _GIVEN_GRADE, _slip_told(row), MEYERDING_SPANS)
    _check_grade(row, known, _GENANT, _told(_HEIGHT, row), GENANT_SPANS, outranks=True)


def open_details(row: Row, uncovered: tuple[Any, ...]) -> None:
    """Make the details of every finding that is there unknown, unless stated.

    A report's silence says that there is no finding; once there is one, silence about its size or shape says nothing.
    `uncovered` is the frame of such a level in a region that no report covered.
    """
    for name, parts in _PARTS.items():
        if row.frame[_FACTS[name].slot] & 1:
            continue
        for fact in parts:
            if fact.name not in row.stated:
                at = slice(fact.slot, fact.slot + 1 + fact.wide)
                row.frame[at] = uncovered[at]


def telling(naming: Fact, row: Row) -> list[Fact]:
    """The stated details that tell of a finding whose own name was left out; none where it was named."""
    if naming.name in row.stated:
        return []
    prefix = naming.name.partition(".")[0]
    details = [_FACTS[f"{prefix}.{detail}"] for detail in SPOKEN_FOR.get(naming.name, ())]
    return [fact for fact in details if _tells(fact, row)]


def _tells(fact: Fact, row: Row) -> bool:
    """Whether a stated detail says that the finding is there: not "no", and not zero."""
    if fact.name not in row.stated or is_no(fact, row.frame):
        return False
    return fact.kind != "number" or row.frame[fact.slot] > 0


def _check_slip(row: Row, known: Known) -> None:
    """A slip in percent beside one in millimetres, over its endplate or any that there is: the larger counts.

    They are shown where they are further apart than rounding, or where rounding would decide the grade.
    """
    if not {_SLIP.name, _SLIP_MM.name} <= row.stated.keys():
        return
    stated = row.frame[_SLIP.slot]
    least, most = _slip_from_millimetres(row)
    apart = max(least - stated, stated - most)
    if apart <= 0:
        return
    nearest = least if stated < least else most
    if apart > _ROUNDING_PERCENT or meyerding(stated) != meyerding(nearest):
        readings = [_reading(fact.name, row) for fact in (_SLIP, _SLIP_MM, _ENDPLATE) if fact.name in row.stated]
        known.disagreements.append({"kind": "described", "fact": _SLIP.name, "level": row.label, "readings": readings})
    if stated < least:
        row.frame[_SLIP.slot : _SLIP.slot + 2] = (least, most)


def _told(percent: Fact, row: Row) -> tuple[Fact, float, float] | None:
    """A stated percentage, as its fact and its interval."""
    return (percent, *row.frame[percent.slot : percent.slot + 2]) if percent.name in row.stated else None


def _slip_told(row: Row) -> tuple[Fact, float, float] | None:
    """What was measured of a slip, in percent: as stated, or from millimetres and the endplate."""
    if _SLIP.name in row.stated or _SLIP_MM.name not in row.stated:
        return _told(_SLIP, row)
    return _SLIP, *_slip_from_millimetres(row)


def _slip_from_millimetres(row: Row) -> tuple[float, float]:
    """The slip in percent that stated millimetres make over the endplate, or over any that there is."""
    shortest, longest = row.frame[_ENDPLATE.slot : _ENDPLATE.slot + 2]
    least, most = (min(row.frame[_SLIP_MM.slot] / length * 100, _SLIP.high) for length in (longest, shortest))
    return least, most


def _check_grade(
    row: Row,
    known: Known,
    grade: Fact,
    measured: tuple[Fact, float, float] | None,
    spans: tuple[tuple[float, float], ...],
    *,
    outranks: bool = False,
) -> None:
    """A reported grade that no measured value allows: both are shown, and the worse counts, or the reader's grade."""
    if measured is None or grade.name not in row.stated:
        return
    percent, low, high = measured
    least, most = spans[int(row.frame[grade.slot])]
    if least <= high and low <= most:
        return
    names = [name for name in (grade.name, percent.name, _SLIP_MM.name) if name in row.stated]
    readings = [_reading(name, row) for name in names if name.partition(".")[0] == grade.name.partition(".")[0]]
    known.disagreements.append({"kind": "described", "fact": grade.name, "level": row.label, "readings": readings})
    if outranks or least > high:
        row.frame[percent.slot : percent.slot + 2] = (least, most)


def _reading(name: str, row: Row) -> dict[str, Any]:
    return {"value": row.stated[name], "fact": name, "level": row.label}
