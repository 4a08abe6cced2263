"""Notes that stay without identity, read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.access import COMMAND_LINE, Action, operator
from app.services.call import Call
from app.store import Database, Unit, add_event, every_kept_note

TARGET = "kept-notes"
"""How the audit names them."""


@dataclass(frozen=True, slots=True)
class KeptWritten:
    """How many kept notes were written, and which were not, because they do not open."""

    written: int
    unopened: tuple[str, ...]


async def write_kept_notes(
    database: Database,
    clinic: str,
    now: Callable[[], datetime],
    write: Callable[[bytes], object],
    by: str = COMMAND_LINE,
) -> KeptWritten:
    """Write each kept note of a clinic that opens as a line of JSON, by month. StoreUnavailable."""
    call = Call(operator(clinic, by), Action.CONSULTATIONS_EXPORTED)
    unopened_ids: list[str] = []

    def write_all(unit: Unit) -> int:
        written = 0
        for kept in every_kept_note(unit, unopened_ids.append):
            note = orjson.Fragment(kept.note)
            line = {"month": f"{kept.month:%Y-%m}", "rulebook": kept.rulebook_digest, "note": note}
            write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
        return written

    await database.write(clinic, add_event, call.event(TARGET, "begun"), now())
    written = await database.read(clinic, write_all)
    detail = {"kept_notes": written, "unopened": len(unopened_ids)}
    await database.write(clinic, add_event, call.event(TARGET, detail=detail), now())
    return KeptWritten(written, tuple(unopened_ids))
