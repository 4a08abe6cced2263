"""Many consultations in one request, a line each: stored one by one, several at a time, answered in their order.

A line is a request of its own: what is wrong with it harms no other, and it is stored, audited and repeated like one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from app.errors import BodyTooLarge, SpineTriageError
from app.services.audit.refusals import is_audited, tell_refusals
from app.services.call import Call
from app.services.input import read_document
from app.services.record import record
from app.services.service import Service
from app.store import StoredRevision

IN_FLIGHT = 32
"""Lines at work at once, or waiting for one before them: enough to share commits, few enough to bound memory."""

_BLANK = b" \t\r"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank, without its end. `number` counts all lines from 1; of one too long `raw` is None."""

    number: int
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of a line: revision 1 of a consultation, or why there is none."""

    line: int
    outcome: StoredRevision | Exception


async def read_lines(chunks: AsyncIterable[bytes], limit: int) -> AsyncIterator[Line]:
    """The lines of a body as its chunks arrive. Holds one line of at most `limit` bytes and one chunk at a time."""
    number, kept, is_long = 1, bytearray(), False
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            if is_long or len(kept) + len(end) > limit:
                yield Line(number, None)
            elif (raw := bytes(kept) + end).strip(_BLANK):
                yield Line(number, raw)
            number, is_long = number + 1, False
            kept.clear()
        kept += rest
        if len(kept) > limit:
            is_long = True
            kept.clear()
    if is_long:
        yield Line(number, None)
    elif kept.strip(_BLANK):
        yield Line(number, bytes(kept))


async def record_lines(
    service: Service,
    call: Call,
    chunks: AsyncIterable[bytes],
    tell: Callable[[LineResult], Awaitable[None]],
    pace: Callable[[], Awaitable[None]],
) -> None:
    """Store each line of a body as a consultation; `tell` is given the results in the order of the lines.

    `pace` is awaited before each line is begun. While `tell` waits, no more than IN_FLIGHT further lines are read.
    With an Idempotency-Key each line has a key of its own, made of that key and the line's number, so that the same
    batch sent again stores only what it had not. The audit has one event for all lines that were refused.

    Raises what `chunks` raises, once the whole lines before it are done; and what `tell` raises, at once: lines at work
    are given up then, each of them stored as a whole or not at all.
    """
    started: asyncio.Queue[asyncio.Task[LineResult] | None] = asyncio.Queue(IN_FLIGHT)
    broken: Exception | None = None
    refused: Counter[str] = Counter()

    async def start_all(tasks: asyncio.TaskGroup) -> None:
        nonlocal broken
        try:
            async for line in read_lines(chunks, service.body_limit):
                await pace()
                await started.put(tasks.create_task(_record_line(service, call, line)))
        except Exception as error:  # noqa: BLE001 - it is raised again
            broken = error
        await started.put(None)

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(start_all(tasks))
            while (task := await started.get()) is not None:
                result = await task
                if isinstance(result.outcome, SpineTriageError):
                    refused[result.outcome.code] += is_audited(call, result.outcome)
                await tell(result)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    finally:
        # Also of a batch that breaks off: as many events as lines would let a caller fill the audit.
        if refused.total():
            await tell_refusals(service, call, +refused)
    if broken is not None:
        raise broken


async def _record_line(service: Service, call: Call, line: Line) -> LineResult:
    call = replace(call, idempotency_key=_key_of(call.idempotency_key, line.number))
    try:
        document = _read(line, service.body_limit)
        with service.running.only(call):
            return LineResult(line.number, await record(service, call, document))
    except SpineTriageError as error:
        return LineResult(line.number, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other lines have nothing to do with it
        return LineResult(line.number, error)


def _read(line: Line, limit: int) -> Any:
    if line.raw is None:
        raise BodyTooLarge(f"the line has more than {limit:,} bytes, which is the most that is read")
    return read_document(line.raw)


def _key_of(key: str | None, line: int) -> str | None:
    return None if key is None else sha256(f"{key}\x00{line}".encode()).hexdigest()
