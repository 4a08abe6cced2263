"""A file of lines into a clinic's store: some at a time, so that memory stays flat, and again without harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import BinaryIO, Final

from app.access import COMMAND_LINE, Action, operator
from app.errors import InputError, InvalidInput, MalformedBody, NotFound
from app.services.call import Call
from app.services.input import read_document, validate
from app.services.moving.bodies import Bodies
from app.services.moving.copies import Copies
from app.services.moving.form import FORMAT, Header
from app.services.moving.lines import LONGEST_LINE, Prepared, Preparing, Rejected, read_chunks
from app.services.service import Service
from app.store import Arrival, Database, Outcome, add_arrivals, add_event, find_clinic, keep_snapshot

MOST_NAME: Final = 200
"""Characters of a job's name, at most."""

_REASONS: Final = {
    Outcome.DIFFERENT: ("different", "another consultation is stored under this id, with other revisions"),
    Outcome.WITHOUT_RULEBOOK: ("no-rulebook", "the rulebook of a note is neither stored nor in the lines before"),
}


@dataclass(slots=True)
class Tally:
    """How many lines came to what."""

    stored: int = 0
    extended: int = 0
    """Consultations that were there and got revisions or reviews."""
    there: int = 0
    """All of them was there already."""
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who is told how an import goes on."""

    reject: Callable[[Rejected], None]
    """Of each line that was rejected, in their order."""
    advance: Callable[[int], None]
    """Of the bytes of the file that are done."""


def read_header(file: BinaryIO) -> Header | None:
    """The header of an export, at whose beginning the file is left again; None for a file of plain consultations.

    InputError for an export of another format.
    """
    first = file.readline(LONGEST_LINE)
    file.seek(0)
    try:
        document = read_document(first)
    except (MalformedBody, InvalidInput):
        return None
    if not isinstance(document, dict) or document.get("kind") != "header":
        return None
    if document.get("format") != FORMAT:
        raise InputError(f"this is an export of a format other than {FORMAT}; import it with the version that wrote it")
    return validate(Header, document)


async def import_lines(
    database: Database,
    clinic: str,
    job: str,
    file: BinaryIO,
    reporting: Reporting,
    now: Callable[[], datetime],
    service: Service | None,
    by: str = COMMAND_LINE,
) -> Tally:
    """Store what the lines of a file say; answers how many came to what.

    An import that was ended at any moment goes on when it is begun again, under the same name: what is there is
    passed over.

    Args:
        database: as its owner reaches it.
        clinic: whose the consultations will be.
        job: the import's name.
        file: read from where it stands. It must hold the same lines in the same places each time.
        reporting: who is told how it goes on.
        now: the clock.
        service: judges plain consultations, over the same database; None for the lines of an export.
        by: who does it, for the audit.

    NotFound for a clinic that was never opened, InputError for a name that cannot be one, StoreUnavailable.
    """
    if not job.strip() or len(job) > MOST_NAME or not job.isprintable():
        raise InputError(f"an import's name has 1 to {MOST_NAME} printable characters")
    if await database.read(clinic, find_clinic) is None:
        raise NotFound(f"there is no clinic {clinic}; open it with `spine-triage clinics open`")
    call = Call(operator(clinic, by), Action.CONSULTATIONS_IMPORTED)
    preparing: Preparing = Copies(call, job) if service is None else Bodies(service, call, job)
    tally, last_line = Tally(), 0

    async def store(prepared: Prepared, end: int) -> None:
        for rejected in await _store(database, clinic, prepared, tally, now):
            reporting.reject(rejected)
        reporting.advance(end)

    prepared, end = Prepared(), 0
    for chunk in read_chunks(file):
        # One chunk is prepared while the one before is stored.
        following, _ = await asyncio.gather(preparing.prepare(chunk.lines), store(prepared, end))
        prepared, end, last_line = following, chunk.end, chunk.lines[-1].number
    prepared.rejected += preparing.finish(last_line)
    await store(prepared, end)
    await database.write(clinic, add_event, call.event(detail={"job": job, **asdict(tally)}), now())
    return tally


async def _store(
    database: Database, clinic: str, prepared: Prepared, tally: Tally, now: Callable[[], datetime]
) -> list[Rejected]:
    """Store what was prepared and count it; answers all that was rejected, by line."""
    rejected = list(prepared.rejected)
    for snapshot in prepared.snapshots:
        await database.write(clinic, keep_snapshot, snapshot.digest, snapshot.version, snapshot.files)
    for together in _without_repeats(prepared.arrivals):
        outcomes = await database.write(clinic, add_arrivals, [arrival for _, arrival in together], now)
        for (line, _), outcome in zip(together, outcomes, strict=True):
            if outcome in _REASONS:
                rejected.append(Rejected(line, *_REASONS[outcome]))
            tally.stored += outcome is Outcome.ADDED
            tally.extended += outcome is Outcome.EXTENDED
            tally.there += outcome is Outcome.THERE
    tally.there += prepared.there
    tally.rejected += len(rejected)
    return sorted(rejected, key=lambda each: each.line)


def _without_repeats(arrivals: Iterable[tuple[int, Arrival]]) -> Iterator[list[tuple[int, Arrival]]]:
    """The arrivals in as few parts as it takes for none to have an id twice."""
    together: dict[str, tuple[int, Arrival]] = {}
    for line, arrival in arrivals:
        if arrival.consultation_id in together:
            yield list(together.values())
            together = {}
        together[arrival.consultation_id] = (line, arrival)
    if together:
        yield list(together.values())
