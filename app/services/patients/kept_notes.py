"""Notes that stay without identity, read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.store import Database, Unit, add_event, every_kept_note

TARGET = "kept-notes"
"""How the audit names them."""


async def write_kept_notes(
    database: Database,
    clinic: str,
    now: Callable[[], datetime],
    write: Callable[[bytes], object],
    by: str = COMMAND_LINE,
) -> int:
    """Write each kept note of a clinic as a line of JSON, by month; answers how many. KeysMissing, StoreUnavailable."""
    call = Call(operator(clinic, by), Action.CONSULTATIONS_EXPORTED)

    def write_all(unit: Unit) -> int:
        written = 0
        for kept in every_kept_note(unit):
            note = orjson.Fragment(kept.note)
            line = {"month": f"{kept.month:%Y-%m}", "rulebook": kept.rulebook_digest, "note": note}
            write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
        return written

    await database.write(clinic, add_event, call.event(TARGET, "begun"), now())
    written = await database.read(clinic, write_all)
    await database.write(clinic, add_event, call.event(TARGET, detail={"kept_notes": written}), now())
    return written
