"""How many rows a clinic has, table by table."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from app.models import consultations, metadata, note_categories, notes, patients, receipts, revisions
from app.store import Unit


def count_rows(unit: Unit) -> dict[str, int]:
    """Of every table, those of the unit's clinic; tables without any are left out."""
    counts = {
        table.name: unit.connection.execute(
            select(func.count()).select_from(table).where(table.c.clinic_id == unit.clinic)
        ).scalar_one()
        for table in metadata.sorted_tables
    }
    return {name: count for name, count in counts.items() if count}


def delete_patients(unit: Unit) -> None:
    """Erase everybody of the unit's clinic, with all that was stored of them."""
    for table in (receipts, note_categories, notes, revisions, consultations, patients):
        unit.connection.execute(delete(table).where(table.c.clinic_id == unit.clinic))
