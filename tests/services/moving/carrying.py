"""Filling a clinic, and carrying what it holds from one database to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import orjson

from app.access import Action
from app.models import LOCAL_CLINIC
from app.services.moving.export import export
from app.services.moving.imports import Reporting, Tally, import_lines, read_header
from app.services.moving.lines import Rejected
from app.services.record import record
from app.services.reviews.review import record_review
from app.services.revise import revise
from app.services.service import Service
from app.store import Database
from bench.bodies import pool
from tests.stores import make_call

BODIES = [orjson.dumps(body) for body in pool(12, seed=9)]
NOBODY: dict[str, Any] = {"complaint": {"regions": ["cervical"], "neck_pain": 3}}
FIRST_CONSULTATION = 3
"""The line of it: before it stand the header and one rulebook."""

AGREED = {"revision": 1, "verdict": "agreed"}
DOUBTED = {"revision": 2, "verdict": "overrode", "reason": "other", "words": "Überlegt: “nicht jetzt” \\ später"}


async def fill(service: Service, clinic: str = LOCAL_CLINIC) -> list[str]:
    """Five consultations of four patients, among them one without a reference and one handed over; two reviews."""
    recorded = make_call(Action.CONSULTATION_RECORDED, clinic=clinic)
    revised = make_call(Action.CONSULTATION_REVISED, clinic=clinic)
    reviewed = make_call(Action.REVIEW_RECORDED, clinic=clinic)
    bodies = [*map(orjson.loads, BODIES[:3]), orjson.loads(BODIES[2]) | {"not_known": ["complaint.bladder"]}, NOBODY]
    made = [(await record(service, recorded, body)).consultation_id for body in bodies]
    await revise(service, revised, made[0], {"complaint": {"back_pain": 9, "onset": "sudden"}}, 1)
    await revise(service, revised, made[0], {"patient": {"reference": "MRN-ß–1"}}, 2)
    await revise(service, revised, made[1], {"screening": {"cauda_equina": "some"}}, 1)
    await record_review(service, reviewed, made[0], AGREED)
    await record_review(service, reviewed, made[1], DOUBTED)
    return made


async def take_out(service: Service, owned: Database, since: Any = None, clinic: str = LOCAL_CLINIC) -> list[bytes]:
    """The lines of an export."""
    lines: list[bytes] = []
    await export(owned, clinic, service.now, lines.append, lambda _: None, since)
    return lines


async def bring_in(
    service: Service, owned: Database, lines: list[bytes], clinic: str = LOCAL_CLINIC, job: str = "nightly"
) -> tuple[Tally, list[Rejected]]:
    """Import lines; how many came to what, and those that were rejected."""
    rejected: list[Rejected] = []
    file = BytesIO(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
    reporting = Reporting(rejected.append, lambda _: None)
    judging = replace(service, database=owned) if read_header(file) is None else None
    tally = await import_lines(owned, clinic, job, file, reporting, service.now, judging)
    return tally, rejected


@contextmanager
def changed(lines: list[bytes], number: int) -> Iterator[Any]:
    """The document of a line, counted from 1, to be changed."""
    document = orjson.loads(lines[number - 1])
    yield document
    lines[number - 1] = orjson.dumps(document)
