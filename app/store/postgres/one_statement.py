"""A new consultation in one statement: patient, consultation, revision, note, categories, receipt and audit event.

One statement is one round trip and one transaction. It begins by binding that transaction to the clinic, and every row
that is inserted takes its clinic from there, so that none can be inserted before.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import String, TypeEngine

from app.models import audit_events, consultations, notes, patients, receipts, revisions
from app.store.failure import sqlstate
from app.store.patients.keys import patient_row
from app.store.protection import PatientKey
from app.store.receipts import receipt_row
from app.store.records import NewConsultation
from app.store.unit import Unit
from app.store.whole_write import whole_rows

_CLINIC: Final = "clinic AS MATERIALIZED (SELECT set_config('spine_triage.clinic', :clinic, true) AS id)"
_CATEGORIES: Final = """
 note_category AS (
  INSERT INTO note_categories (clinic_id, consultation_id, revision, category, status)
  SELECT clinic.id, :this_consultation, 1, named.category, named.status
  FROM clinic, unnest(CAST(:categories AS varchar[]), CAST(:statuses AS varchar[])) AS named (category, status)
 )"""


class Clash(Enum):
    """What another transaction did first."""

    RECEIPT = "pk_receipts"
    """It answered a request with the same Idempotency-Key."""
    PATIENT_KNOWN = "uq_patients_blind_index"
    """It added the patient, or the patient has been there for long."""
    PATIENT_GONE = "fk_consultations_patients"
    """It erased the patient."""


def clash_of(error: IntegrityError) -> Clash | None:
    """Which of the expected clashes a failed insertion is."""
    link: BaseException | None = error.orig
    while link is not None:
        name = getattr(link, "constraint_name", None)
        if name is not None and sqlstate(error) is not None:
            return next((clash for clash in Clash if clash.value == name), None)
        link = link.__cause__
    return None


def add_in_one_statement(
    unit: Unit, key: PatientKey, new: NewConsultation, at: datetime, *, is_new_patient: bool
) -> None:
    """Insert everything, on a connection without a transaction of its own. IntegrityError: see `clash_of`."""
    rows = whole_rows(unit, key, new, at)
    tables: dict[Table, dict[str, Any]] = {
        consultations: rows.consultation,
        revisions: rows.revision.revision,
        notes: rows.revision.note,
        audit_events: rows.event,
    }
    if is_new_patient:
        tables = {patients: patient_row(unit.keyring, key, new.judged.patient_reference, at)} | tables
    if new.receipt is not None:
        tables[receipts] = receipt_row(unit, new.receipt, at)
    parameters: dict[str, Any] = {"clinic": unit.clinic, "this_consultation": new.consultation_id}
    for table, row in tables.items():
        parameters |= {_bind_of(table, name): value for name, value in row.items() if name != "clinic_id"}
    parameters["categories"] = [row["category"] for row in rows.revision.categories]
    parameters["statuses"] = [row["status"] for row in rows.revision.categories]
    unit.connection.execute(_statement(tuple(tables)), parameters)


@cache
def _statement(tables: tuple[Table, ...]) -> TextClause:
    """The statement that inserts one row into each of the tables, and the categories of the note."""
    binds: dict[str, TypeEngine[Any]] = {name: String() for name in ("clinic", "this_consultation")}
    binds |= {name: ARRAY(String()) for name in ("categories", "statuses")}
    parts = [_CLINIC]
    for table in tables:
        names = [column.name for column in table.columns if column.name != "clinic_id"]
        values = ", ".join(f":{_bind_of(table, name)}" for name in names)
        columns = ", ".join(["clinic_id", *names])
        insertion = f"INSERT INTO {table.name} ({columns}) SELECT clinic.id, {values} FROM clinic"  # noqa: S608 - our own names
        parts.append(f"new_{table.name} AS ({insertion})")
        binds |= {_bind_of(table, name): table.columns[name].type for name in names}
    statement = f"WITH {', '.join([*parts, _CATEGORIES])} SELECT id FROM clinic"  # noqa: S608 - our own names
    return text(statement).bindparams(*(bindparam(name, type_=kind) for name, kind in binds.items()))


def _bind_of(table: Table, column: str) -> str:
    return f"{table.name}_{column}"
