"""A database as the first version left it: every body and note readable, and nothing known of patients and clinics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, MetaData, insert, select

from app.store import migrate, open_database
from tests.store.samples import DIGEST, MORNING
from tests.stores import KEYRING

FIRST_VERSION: Final = "2026_11_23_consultations"
CLINICS: Final = ("local", "north")
FEW: Final = 12
"""Consultations of a clinic, where their number does not matter."""

T = TypeVar("T")
Row = dict[str, Any]


def body_of(clinic: str, number: int, revision: int) -> bytes:
    """What was sent, which has to come through every migration byte for byte."""
    return f'{{"says": "{clinic} {number}, revision {revision}: SECRET, “4–5 months”"}}'.encode()


def reference_of(number: int) -> str | None:
    """Every third consultation is of somebody without a reference; the others are of ten patients."""
    return None if number % 3 == 0 else f"MRN-SECRET-{number % 10}"


def fill_first_version(url: str, count: int = FEW) -> None:
    """Bring an empty database to the first version, with `count` consultations in each of CLINICS.

    Every tenth of them was revised.
    """
    migrate(url, KEYRING, to=FIRST_VERSION)

    def fill(connection: Connection) -> None:
        schema = MetaData()
        schema.reflect(connection)
        for table in schema.sorted_tables:
            rows = [row for clinic in CLINICS for row in _rows(table.name, clinic, count)]
            if rows:
                connection.execute(insert(table), rows)

    change(url, fill)


def all_rows(url: str, *without: str) -> dict[str, list[Row]]:
    """Everything that a database of whatever version holds, except in some tables: in no order of columns."""

    def read(connection: Connection) -> dict[str, list[Row]]:
        schema = MetaData()
        schema.reflect(connection)
        return {
            table.name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=_in_order)  # noqa: SLF001 - SQLAlchemy's public name for it
            for table in schema.sorted_tables
            if table.name not in without
        }

    return change(url, read)


def change(url: str, fn: Callable[[Connection], T]) -> T:
    """Do something to a database of whatever version, in one transaction of its owner."""

    async def run() -> T:
        database = open_database(url, KEYRING, patient=True)
        try:
            return await database.write("local", lambda unit: fn(unit.connection))
        finally:
            await database.close()

    return asyncio.run(run())


def _in_order(row: Row) -> list[tuple[str, str]]:
    return sorted((name, repr(value)) for name, value in row.items())


def _rows(table: str, clinic: str, count: int) -> list[Row]:
    if table == "rulebook_snapshots":
        return [{"clinic_id": clinic, "digest": DIGEST, "version": "2026.11", "files": b"{}"}]
    newest = {f"{clinic}-{number:04}": (number, 2 if number % 10 == 0 else 1) for number in range(count)}
    if table == "consultations":
        return [
            {"clinic_id": clinic, "id": this, "revision": revision, "patient_reference": reference_of(number)}
            | {"created_at": MORNING, "revised_at": MORNING, "made_on": date(2026, 11, 23)}
            | {"urgency_at_least": 1, "urgency_at_most": 3, "settled": False, "headline": "Bladder is not known"}
            for this, (number, revision) in newest.items()
        ]
    return [
        {"clinic_id": clinic, "consultation_id": this, "revision": revision}
        | _part(table, body_of(clinic, number, revision))
        for this, (number, last) in newest.items()
        for revision in range(1, last + 1)
        if table in ("revisions", "notes", "note_categories")
    ]


def _part(table: str, body: bytes) -> Row:
    """What a revision has in a table; its note is its body backwards."""
    if table == "revisions":
        return {"created_at": MORNING, "body": body}
    if table == "notes":
        return {"rulebook_digest": DIGEST, "made_on": date(2026, 11, 23), "note": body[::-1]}
    return {"category": "further_imaging", "status": "discussable"}
