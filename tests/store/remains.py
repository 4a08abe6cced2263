"""What is left of a patient in the tables, counted past the repositories; and the rows that only others write."""

from __future__ import annotations

from uuid import uuid4

import orjson
from sqlalchemy import func, insert, select

from app.models import (
    consultations,
    kept_notes,
    note_categories,
    notes,
    patients,
    receipts,
    reviews,
    revisions,
)
from app.store import Receipt, StoredReview, Unit, add_receipt, add_review
from tests.store.samples import MORNING

OF_PATIENTS = (patients, consultations, revisions, notes, note_categories, reviews, receipts)


def count_rows(unit: Unit) -> dict[str, int]:
    """How many rows of the clinic each table has, of those that have any."""
    counts = {
        table.name: unit.connection.execute(
            select(func.count()).select_from(table).where(table.c.clinic_id == unit.clinic)
        ).scalar_one()
        for table in (*OF_PATIENTS, kept_notes)
    }
    return {name: count for name, count in counts.items() if count}


def wrapped_keys(unit: Unit) -> dict[str, bytes]:
    """The stored key of each patient of the clinic, by id."""
    rows = unit.connection.execute(
        select(patients.c.patient_id, patients.c.wrapped_key).where(patients.c.clinic_id == unit.clinic)
    )
    return {row.patient_id: row.wrapped_key for row in rows}


def review(unit: Unit, consultation_id: str, words: str = "seen") -> str:
    """A review of the first note, with a receipt; answers its id."""
    this = str(uuid4())
    written = orjson.dumps({"verdict": "overrode", "words": words})
    add_review(unit, StoredReview(consultation_id, this, 1, MORNING, "person:dr-1", "overrode", written))
    receipt = Receipt(f"{uuid4().hex}{uuid4().hex}", "r" * 64, consultation_id, 1, this)
    assert add_receipt(unit, receipt, MORNING)
    return this


def add_answer(unit: Unit, answer: bytes) -> None:
    """A receipt of a note that was not stored, so that a master key is needed for its answer."""
    assert add_receipt(unit, Receipt(f"{uuid4().hex}{uuid4().hex}", "r" * 64, answer=answer), MORNING)


def add_nobody(unit: Unit, row: dict[str, object]) -> None:
    """A patient's row as it is."""
    unit.connection.execute(insert(patients), row)
