"""Lines that are consultations as callers send them: judged today, and stored once however often they are imported."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from app.errors import BodyTooLarge, SpineTriageError
from app.services.batch import Line
from app.services.call import Call, consultation_path
from app.services.input import parse_consultation, read_document
from app.services.judge import judge
from app.services.moving.lines import Prepared, Rejected
from app.services.service import Service
from app.store import Arrival, ArrivingRevision, find_consultations

_NAMESPACE: Final = UUID("3f1c4a52-6f0e-4b7e-9a55-2c1d7be0a9d4")


class Bodies:
    """See `Preparing`. A line's id is made of the clinic, the job's name, the line's number and its bytes.

    So a line that was stored by an earlier run of the job is known by its id, and is not even read.
    """

    def __init__(self, service: Service, call: Call, job: str) -> None:
        self._service, self._call, self._job = service, call, job

    async def prepare(self, lines: list[Line]) -> Prepared:
        """See `Preparing`."""
        await self._service.keep_rulebook(self._call.clinic)
        ids = [self._id_of(line) for line in lines]
        there = await self._service.database.read(self._call.clinic, find_consultations, ids)
        new = [(line, this) for line, this in zip(lines, ids, strict=True) if this not in there]
        # In a thread, so that what is stored meanwhile goes on.
        prepared = await asyncio.to_thread(self._judge_all, new)
        prepared.there = len(there)
        return prepared

    def finish(self, _: int) -> list[Rejected]:
        """See `Preparing`. Each line stands for itself."""
        return []

    def _id_of(self, line: Line) -> str:
        content = sha256(line.raw or b"").hexdigest()
        return str(uuid5(_NAMESPACE, "\x00".join((self._call.clinic, self._job, str(line.number), content))))

    def _judge_all(self, new: list[tuple[Line, str]]) -> Prepared:
        prepared = Prepared()
        for line, this in new:
            try:
                prepared.arrivals.append((line.number, self._judge(line, this)))
            except SpineTriageError as error:
                prepared.rejected.append(Rejected.by(line.number, error))
        return prepared

    def _judge(self, line: Line, this: str) -> Arrival:
        if line.raw is None or len(line.raw) > self._service.body_limit:
            raise BodyTooLarge(f"the line has more than {self._service.body_limit:,} bytes, the most of a consultation")
        judged = judge(self._service, parse_consultation(read_document(line.raw)))
        event = self._call.event(consultation_path(this, 1), detail={"job": self._job, "line": line.number})
        return Arrival(this, (ArrivingRevision(judged),), event)
