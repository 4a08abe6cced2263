"""A new consultation in one statement: patient, consultation, revision, note, categories, receipt and audit event.

One statement is one round trip and one transaction. It begins by binding that transaction to the clinic, and every row
that is inserted takes its clinic from there, so that none can be inserted before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from asyncpg import IntegrityConstraintViolationError, PostgresError  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.models import audit_events, consultations, notes, patients, receipts, revisions
from app.store.audit import event_row
from app.store.failure import sqlstate
from app.store.patients.keys import patient_row
from app.store.protection import Keyring, PatientKey
from app.store.receipts import receipt_row
from app.store.records import NewConsultation
from app.store.whole_write import consultation_row, revision_rows

_CLINIC: Final = "clinic AS MATERIALIZED (SELECT set_config('spine_triage.clinic', $1, true) AS id)"
_CATEGORIES: Final = """
 note_category AS (
  INSERT INTO note_categories (clinic_id, consultation_id, revision, category, status)
  SELECT clinic.id, $2, 1, named.category, named.status
  FROM clinic, unnest(CAST($3 AS varchar[]), CAST($4 AS varchar[])) AS named (category, status)
 )"""
_FIRST_FREE: Final = 5
_DIALECT: Final = asyncpg.dialect()  # type: ignore[no-untyped-call]


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


async def add_in_one_statement(
    engine: AsyncEngine,
    keyring: Keyring,
    patient: tuple[PatientKey, bool],
    new: NewConsultation,
    at: datetime,
) -> None:
    """Insert everything for a patient, who may be new. IntegrityError: see `clash_of`."""
    key, is_new = patient
    rows = revision_rows(key, new.consultation_id, 1, new.judged, at)
    tables: dict[Table, Mapping[str, Any]] = {
        consultations: consultation_row(key, new, at),
        revisions: rows.revision,
        notes: rows.note,
        audit_events: event_row(keyring, key.clinic, new.event, at),
    }
    if is_new:
        tables = {patients: patient_row(keyring, key, new.judged.patient_reference, at)} | tables
    if new.receipt is not None:
        tables[receipts] = receipt_row(keyring, key.clinic, new.receipt, at)
    categories = [[row[name] for row in rows.categories] for name in ("category", "status")]
    values = [key.clinic, new.consultation_id, *categories]
    for table, row in tables.items():
        values += [row[name] if bound is None else bound(row[name]) for name, bound in _columns(table)]
    await _send(engine, _statement(tuple(tables)), values)


async def _send(engine: AsyncEngine, statement: str, values: list[Any]) -> None:
    """Run a statement as a transaction of its own, straight by the driver.

    SQLAlchemy's way to it, with a transaction, a cursor and a processor for each value, takes more than twice the time.
    """
    try:
        connection = await engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from error
    driver: Any = connection.driver_connection
    try:
        await driver.execute(statement, *values)
    except IntegrityConstraintViolationError as error:
        raise IntegrityError(statement, None, error) from error
    except PostgresError as error:
        raise DBAPIError(statement, None, error) from error
    except BaseException:
        # The server did not say no: what the connection is at, nobody knows.
        connection.invalidate()
        raise
    finally:
        connection.close()


@cache
def _statement(tables: tuple[Table, ...]) -> str:
    """The statement that inserts one row into each of the tables, and the categories of the note."""
    parts, first = [_CLINIC, _CATEGORIES], _FIRST_FREE
    for table in tables:
        names = [name for name, _ in _columns(table)]
        values = ", ".join(f"${number}" for number in range(first, first + len(names)))
        columns = ", ".join(["clinic_id", *names])
        insertion = f"INSERT INTO {table.name} ({columns}) SELECT clinic.id, {values} FROM clinic"  # noqa: S608 - our own names
        parts.append(f"new_{table.name} AS ({insertion})")
        first += len(names)
    return f"WITH {', '.join(parts)} SELECT id FROM clinic"  # noqa: S608 - our own names


@cache
def _columns(table: Table) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Those that a row brings itself, and how the models bring a value of each into shape, or refuse it."""
    return tuple(
        (column.name, column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
        for column in table.columns
        if column.name != "clinic_id"
    )
