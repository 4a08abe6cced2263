"""The rows of a new consultation, ready to be inserted: what a floor writes, and what each safety adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, insert

from app.models import (
    LOCAL_CLINIC,
    audit_events,
    consultations,
    note_categories,
    notes,
    patients,
    receipts,
    revisions,
)
from app.services.input import canonical_body
from app.store import Event, Judged, Keyring, make_master_key, read_keyring
from app.store.audit import event_row
from app.store.patients.keys import patient_row
from app.store.protection.keyring import make_patient_key
from app.store.whole_write import reading_columns, revision_rows
from app.triage import Triage, encode
from bench.bodies import Body, check

Row = dict[str, Any]

KEYRING: Keyring = read_keyring(make_master_key("bench"))

_INSERTS = {
    table: insert(table)
    for table in (patients, consultations, revisions, notes, note_categories, receipts, audit_events)
}


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one consultation, ready but for its id and the keys of its receipt and event."""

    patient: Row
    consultation: Row
    revision: Row
    note: Row
    categories: tuple[Row, ...]
    event: Row
    receipt: Row


def judged_of(triage: Triage, body: Body) -> Judged:
    """What the service judges the body to be."""
    consultation = check(body)
    note = triage.note(consultation, date.today())  # noqa: DTZ011 - any day takes as many bytes
    return Judged.from_note(canonical_body(consultation), note, encode(note), body["patient"]["reference"])


def rows_of(triage: Triage, body: Body) -> Rows:
    """The rows that the service stores for the body: as many, with as many bytes, sealed already."""
    judged, now = judged_of(triage, body), datetime.now(UTC)
    key = make_patient_key(LOCAL_CLINIC, str(uuid4()))
    sealed = revision_rows(key, "", 1, judged, now)
    event = Event("consultation.recorded", "done", "api_key", "abcdefghijkl", address="127.0.0.1", request_id="0" * 32)
    hashed = sha256(judged.body).hexdigest()
    receipt = {"request_hash": hashed, "made_at": now, "revision": 1, "master_key": KEYRING.current.key_id}
    consultation = {"revision": 1, "created_at": now, "patient_id": key.patient_id, **reading_columns(judged, now)}
    return Rows(
        patient=patient_row(KEYRING, key, judged.patient_reference, now),
        consultation={"clinic_id": LOCAL_CLINIC, **consultation},
        revision=sealed.revision,
        note=sealed.note,
        categories=tuple(sealed.categories),
        event=event_row(KEYRING, LOCAL_CLINIC, event, now),
        receipt={"clinic_id": LOCAL_CLINIC, "review_id": None, "answer": None, **receipt},
    )


def add_patient(connection: Connection, rows: Rows) -> None:
    """Insert the patient, who is there before anything is measured."""
    _add(connection, patients, rows.patient)


def insert_rows(connection: Connection, rows: Rows, *, audited: bool = True, with_receipt: bool = True) -> str:
    """Insert one consultation of a patient who is there; answers its id. The transaction is the caller's."""
    made = str(uuid4())
    named = {"consultation_id": made}
    _add(connection, consultations, rows.consultation | {"id": made})
    _add(connection, revisions, rows.revision | named)
    _add(connection, notes, rows.note | named)
    if rows.categories:
        _add(connection, note_categories, [row | named for row in rows.categories])
    if with_receipt:
        _add(connection, receipts, rows.receipt | named | {"key_hash": sha256(made.encode()).hexdigest()})
    if audited:
        _add(connection, audit_events, rows.event | {"event_id": str(uuid4())})
    return made


def _add(connection: Connection, table: Table, row: Row | list[Row]) -> None:
    connection.execute(_INSERTS[table], row)
