"""Lines of an export: consultations that are stored as they were elsewhere, to the byte."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import orjson

from app.errors import BodyTooLarge, Fault, InvalidInput, SpineTriageError
from app.services.batch import Line
from app.services.call import Call, consultation_path
from app.services.input import parse_consultation, read_document, validate
from app.services.judge import patient_reference
from app.services.moving.form import ConsultationLine, EndLine, RevisionPart, RulebookLine
from app.services.moving.lines import LONGEST_LINE, Prepared, Rejected
from app.services.moving.reviewed import bytes_of, check_ids, read_review
from app.store import Arrival, ArrivingRevision, Judged, Snapshot
from app.triage.loading.load import digest_of as digest_of_rulebook

_KINDS = ("rulebook", "consultation", "end")


class Copies:
    """See `Preparing`. The file's header was read before; it is passed over here."""

    def __init__(self, call: Call, job: str) -> None:
        self._call, self._job = call, job
        self._rulebooks = self._consultations = 0
        self._has_ended = False

    async def prepare(self, lines: list[Line]) -> Prepared:
        """See `Preparing`."""
        return await asyncio.to_thread(self._read_all, lines)

    def finish(self, last_line: int) -> list[Rejected]:
        """See `Preparing`. An export that was cut short lacks its last line."""
        if self._has_ended:
            return []
        return [Rejected(last_line + 1, "unfinished", "the file ends before the last line of its export")]

    def _read_all(self, lines: list[Line]) -> Prepared:
        prepared = Prepared()
        for line in lines:
            try:
                self._read(line, prepared)
            except SpineTriageError as error:
                prepared.rejected.append(Rejected.by(line.number, error))
        return prepared

    def _read(self, line: Line, prepared: Prepared) -> None:
        if line.raw is None:
            raise BodyTooLarge(f"the line has more than {LONGEST_LINE:,} bytes")
        document = _read_quickly(line.raw)
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind == "rulebook":
            self._rulebooks += 1
            prepared.snapshots.append(_snapshot(document))
        elif kind == "consultation":
            self._consultations += 1
            prepared.arrivals.append((line.number, self._arrival(document, line.number)))
        elif kind == "end":
            self._check_end(document)
        elif kind != "header" or line.number != 1:
            raise InvalidInput([Fault("/kind", "this is no line of an export", ", ".join(_KINDS))])

    def _check_end(self, document: Any) -> None:
        end = validate(EndLine, document)
        self._has_ended = True
        if (end.rulebooks, end.consultations) != (self._rulebooks, self._consultations):
            found = f"there were {self._rulebooks} rulebooks and {self._consultations} consultations before it"
            allowed = "as many as the end says; lines are missing, or were added"
            raise InvalidInput([Fault("", found, allowed)])

    def _arrival(self, document: Any, number: int) -> Arrival:
        line = validate(ConsultationLine, document)
        revisions = tuple(
            _revision(part, raw, f"/revisions/{index}")
            for index, (part, raw) in enumerate(zip(line.revisions, document["revisions"], strict=True))
        )
        reviews = tuple(
            read_review(line, part, raw, f"/reviews/{index}")
            for index, (part, raw) in enumerate(zip(line.reviews, document["reviews"], strict=True))
        )
        check_ids(reviews)
        event = self._call.event(consultation_path(line.id), detail={"job": self._job, "line": number})
        return Arrival(line.id, revisions, event, reviews)


def _read_quickly(raw: bytes) -> Any:
    """As `read_document`, whose care long lines can do without: what they hold is known by its digests."""
    if b"\\u0000" not in raw:
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(raw)
    return read_document(raw)


def _snapshot(document: Any) -> Snapshot:
    line = validate(RulebookLine, document)
    if digest_of_rulebook(line.files) != line.digest:
        raise InvalidInput([Fault("/digest", "this is not the digest of the files", "files as they were exported")])
    return Snapshot(line.digest, line.version, line.files)


def _revision(part: RevisionPart, raw: Any, where: str) -> ArrivingRevision:
    body = bytes_of(raw["body"], part.body_sha256, f"{where}/body")
    note = bytes_of(raw["note"], part.note_sha256, f"{where}/note")
    try:
        reference = patient_reference(parse_consultation(raw["body"]))
    except InvalidInput as error:
        faults = [Fault(f"{where}/body{each.pointer}", each.problem, each.allowed) for each in error.faults]
        raise InvalidInput(faults) from None
    read = part.note
    judged = Judged(
        body=body,
        note=note,
        made_on=read.made_on,
        rulebook_digest=read.rulebook.digest,
        urgency_at_least=read.urgency.at_least,
        urgency_at_most=read.urgency.at_most,
        settled=read.urgency.settled,
        headline=read.headline,
        categories={each.category: each.status for each in read.categories},
        patient_reference=reference,
    )
    return ArrivingRevision(judged, part.created_at)
