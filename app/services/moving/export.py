"""Everything of a clinic, or what changed since a moment, as lines that another installation can import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.access import COMMAND_LINE, Action, operator
from app.errors import NotFound
from app.services.call import Call
from app.services.moving.form import write_consultation, write_end, write_header, write_rulebook
from app.services.moving.unfinished import Unfinished
from app.store import Database, Unit, add_event, count_departures, every_departure, every_snapshot, find_clinic

BEGUN = "begun"
"""The outcome of an export that was begun: whatever becomes of it, somebody may have read what it wrote."""


async def export(
    database: Database,
    clinic: str,
    now: Callable[[], datetime],
    write: Callable[[bytes], object],
    begin: Callable[[int], None],
    since: datetime | None = None,
    unfinished: Unfinished | None = None,
    by: str = COMMAND_LINE,
) -> int:
    """Write every consultation as it is at one moment, or those stored, revised or reviewed since; answers how many.

    Args:
        database: as its owner reaches it.
        clinic: whose consultations.
        now: the clock.
        write: takes one line, in another thread, inside one read of the database. Memory does not grow with them.
        begin: is told how many consultations there will be.
        since: leaves out what has not changed from this moment on.
        unfinished: what an earlier run with the same clinic and `since` wrote; this one goes on after it, and then not
            all is of one moment. What changed after the first run began is in a later export since that moment.
        by: who does it, for the audit.

    NotFound for a clinic that was never opened, StoreUnavailable.
    """
    call = Call(operator(clinic, by), Action.CONSULTATIONS_EXPORTED)
    detail = {"since": None if since is None else since.isoformat()}
    after = "" if unfinished is None else unfinished.last
    if after:
        detail |= {"after": after}

    def begin_export(unit: Unit) -> None:
        if find_clinic(unit) is None:
            raise NotFound(f"there is no clinic {clinic}; `spine-triage clinics list` shows those there are")
        add_event(unit, call.event(outcome=BEGUN, detail=detail), now())

    def write_all(unit: Unit) -> int:
        there: set[str] = set() if unfinished is None else set(unfinished.rulebooks)
        consultations = 0 if unfinished is None else unfinished.consultations
        begin(consultations + count_departures(unit, since, after))
        if unfinished is None:
            write(write_header(clinic, now(), since))
        for snapshot in every_snapshot(unit):
            if snapshot.digest not in there:
                write(write_rulebook(snapshot))
                there.add(snapshot.digest)
        for departure in every_departure(unit, since, after):
            write(write_consultation(departure))
            consultations += 1
        write(write_end(len(there), consultations))
        return consultations

    await database.write(clinic, begin_export)
    written = await database.read(clinic, write_all)
    await database.write(clinic, add_event, call.event(detail=detail | {"consultations": written}), now())
    return written
