"""Whether the events that a seal covers are there, as they were and in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, bindparam, select

from app.models import audit_events, audit_sealed
from app.store.audit.events import examine
from app.store.audit.findings import Finding, Flaw, Report
from app.store.audit.merkle import tree_hash
from app.store.audit.seals import Seal
from app.store.audit.stored import stored_columns, stored_rows
from app.store.unit import Unit

_COVERED = (
    select(*stored_columns(audit_sealed, "listed_"), *stored_columns(audit_events))
    .select_from(audit_sealed)
    .outerjoin(
        audit_events,
        and_(audit_events.c.clinic_id == audit_sealed.c.clinic_id, audit_events.c.event_id == audit_sealed.c.event_id),
    )
    .where(audit_sealed.c.clinic_id == bindparam("clinic"), audit_sealed.c.seal == bindparam("seal"))
    .order_by(audit_sealed.c.place)
)


def check_covered(unit: Unit, seal: Seal, report: Report, advance: Callable[[], None], *, certain: bool) -> int:
    """Report what is wrong with the events of a seal; answers how many are listed.

    The list is held against the seal only if that is `certain` not to have been changed itself.
    """
    listed = 0
    in_place = fitting = True

    def leaves() -> Iterator[bytes]:
        nonlocal listed, in_place, fitting
        for row in stored_rows(unit, _COVERED, seal=seal.number):
            in_place = in_place and row["listed_place"] == listed
            listed += 1
            fitting = _check(unit, seal.number, row, report) and fitting
            leaf = row["listed_leaf"]
            yield leaf if isinstance(leaf, bytes) else b""
            advance()

    root = tree_hash(leaves())
    if not certain:
        return listed
    if listed != seal.events:
        says = f"it covers {seal.events} events, and {listed} are listed"
        report(Finding(Flaw.LIST_CHANGED, says, seal=seal.number))
    elif root != seal.root and fitting:
        says = "the events listed are not those it covers, or stand in another order"
        report(Finding(Flaw.EVENTS_REORDERED, says, seal=seal.number))
    elif root != seal.root or not in_place:
        report(Finding(Flaw.LIST_CHANGED, "the list of its events is not as it was", seal=seal.number))
    return listed


def _check(unit: Unit, seal: int, row: Mapping[str, Any], report: Report) -> bool:
    """Whether one listed event is there and is what its place in the list says; if not, it is reported."""
    event_id = str(row["listed_event_id"])
    if row["event_id"] is None:
        report(Finding(Flaw.EVENT_REMOVED, "it is gone", seal, event_id))
        return False
    examined = examine(unit.keyring, row)
    if examined.genuine is False:
        report(Finding(Flaw.EVENT_CHANGED, "it is not as it was written", seal, event_id))
        return False
    if examined.leaf == row["listed_leaf"]:
        return True
    if examined.genuine:
        report(
            Finding(Flaw.LIST_CHANGED, "it is as it was written, and not what is listed in its place", seal, event_id)
        )
    else:
        report(Finding(Flaw.EVENT_CHANGED, "it is not as it was sealed", seal, event_id))
    return False
