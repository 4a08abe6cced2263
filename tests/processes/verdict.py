"""Whether the store holds what its clients were told it holds: each acknowledged revision once, whole, bit for bit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.processes.record import Acknowledged, Record
from tests.processes.service import RunningService

Rows = Callable[[str], str]
"""Asks the raw database, past the service: a line a row, columns separated by `|`, as `Cluster.execute` answers."""

CHECKS: tuple[tuple[str, ...], ...] = (("replay",), ("audit", "verify"))
"""Commands that find nothing wrong with a sound store."""

_RESENT = 20
_AT_ONCE = 8
_CONSULTATIONS = "SELECT count(*) FROM consultations"
_HALF_WRITTEN = {
    "consultations without each of the revisions 1 to their newest": """
        SELECT count(*) FROM consultations c WHERE (
            SELECT count(*) FROM revisions r
            WHERE r.clinic_id = c.clinic_id AND r.consultation_id = c.id AND r.revision BETWEEN 1 AND c.revision
        ) <> c.revision""",
    "revisions newer than their consultation's newest": """
        SELECT count(*) FROM revisions r WHERE r.revision > COALESCE((
            SELECT c.revision FROM consultations c WHERE c.clinic_id = r.clinic_id AND c.id = r.consultation_id
        ), 0)""",
    "revisions without a note": """
        SELECT count(*) FROM revisions r WHERE NOT EXISTS (
            SELECT 1 FROM notes n WHERE n.clinic_id = r.clinic_id
            AND n.consultation_id = r.consultation_id AND n.revision = r.revision)""",
    "notes without a revision": """
        SELECT count(*) FROM notes n WHERE NOT EXISTS (
            SELECT 1 FROM revisions r WHERE r.clinic_id = n.clinic_id
            AND r.consultation_id = n.consultation_id AND r.revision = n.revision)""",
}


async def find_faults(
    record: Record,
    service: RunningService,
    rows: Rows,
    headers: Mapping[str, str] | None = None,
    checks: Sequence[Sequence[str]] = CHECKS,
    *,
    keys: bool = True,
) -> list[str]:
    """A sentence for each thing that is not as `record` says, once everything works again; none when all is well.

    Nobody else may have stored anything. `checks` are commands of the service that must exit with 0, and `keys` says
    whether the service still knows the Idempotency-Keys.
    """
    faults = [f"a client was told: {surprise}" for surprise in record.surprises]
    faults += _find_doubled(record)
    faults += await asyncio.to_thread(_find_half_written, record, rows)
    async with httpx.AsyncClient(
        base_url=service.address, headers=dict(headers or {}), timeout=60, trust_env=False
    ) as http:
        faults += await _find_lost(record, http)
        faults += await _find_forgotten_keys(record, http) if keys else []
    # At once, since most of their time goes into starting.
    runs = await asyncio.gather(*(asyncio.to_thread(service.run, *command) for command in checks))
    for command, done in zip(checks, runs, strict=True):
        if done.returncode != 0:
            faults.append(f"{' '.join(command)} exits with {done.returncode}: {(done.stdout + done.stderr)[-1_000:]}")
    return faults


def read_sqlite(file: Path) -> Rows:
    """Ask a database file directly."""

    def ask(sql: str) -> str:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return "\n".join("|".join(map(str, row)) for row in connection.execute(sql))

    return ask


def _find_doubled(record: Record) -> Iterable[str]:
    keys = Counter(each.key for each in record.acknowledged if each.key is not None)
    places = Counter((each.id, each.revision) for each in record.acknowledged)
    for what, times in (*keys.items(), *places.items()):
        if times > 1:
            yield f"{what} was acknowledged {times} times"


def _find_half_written(record: Record, rows: Rows) -> Iterable[str]:
    stored, least = int(rows(_CONSULTATIONS)), len(record.ids)
    most = least + len(record.unknown)
    if not least <= stored <= most:
        yield f"{stored} consultations are stored, where {least} to {most} were sent and answered"
    for what, sql in _HALF_WRITTEN.items():
        if (found := rows(sql)) != "0":
            yield f"{found} {what}"


async def _find_lost(record: Record, http: httpx.AsyncClient) -> list[str]:
    async def look(each: Acknowledged) -> str | None:
        answer = await http.get(f"/v1/consultations/{each.id}/notes/{each.revision}")
        if answer.status_code != httpx.codes.OK:
            return f"the acknowledged revision {each.id}/{each.revision} answers {answer.status_code}"
        if orjson.dumps(orjson.loads(answer.content)) != each.note:
            return f"the note of {each.id}/{each.revision} is not the one that was acknowledged"
        return None

    return await _gather(look(each) for each in record.acknowledged)


async def _find_forgotten_keys(record: Record, http: httpx.AsyncClient) -> list[str]:
    """Repeat some of the requests, spread over the whole time: the answers are the first ones, byte for byte."""

    async def repeat(each: Acknowledged) -> str | None:
        sent = {"Content-Type": "application/json", "Idempotency-Key": str(each.key)}
        answer = await http.post("/v1/consultations", content=each.sent, headers=sent)
        same = sha256(answer.content).hexdigest() == each.digest
        if answer.status_code == httpx.codes.CREATED and same:
            return None
        return f"the request that stored {each.id} is answered otherwise when it is repeated: {answer.status_code}"

    posted = [each for each in record.acknowledged if each.key is not None]
    return await _gather(map(repeat, posted[:: max(1, len(posted) // _RESENT)]))


async def _gather(looks: Iterable[Coroutine[Any, Any, str | None]]) -> list[str]:
    # A few at a time: httpx looks through all that wait for a connection whenever one becomes free.
    turns = asyncio.Semaphore(_AT_ONCE)

    async def take_turn(look: Coroutine[Any, Any, str | None]) -> str | None:
        async with turns:
            return await look

    return [fault for fault in await asyncio.gather(*map(take_turn, looks)) if fault is not None]
