"""Patients with a key each; what consultations hold of them is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

from app.store.protection import Keyring, PatientKey
from app.store.protection.keyring import make_patient_key
from app.store.protection.patient_key import REFERENCE, body_of, note_of

revision = "2026_11_28_patients"
down_revision = "2026_11_28_clinics"
branch_labels = None
depends_on = None

_CONSULTATIONS = sa.table(
    "consultations",
    *(sa.column(name) for name in ("clinic_id", "id", "created_at", "patient_reference", "patient_id")),
)
# Tables as they are at this point, whatever becomes of them: only the way in which bytes are sealed is shared, and that
# never changes for what is sealed already.
_PATIENTS = sa.table(
    "patients",
    *(sa.column(name) for name in ("clinic_id", "patient_id", "master_key")),
    sa.column("created_at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.LargeBinary()) for name in ("wrapped_key", "blind_index", "reference")),
)
_SEALED = (("revisions", "body", body_of), ("notes", "note", note_of))


def upgrade() -> None:
    """Add patients, seal bodies and notes under their keys, and drop the readable references."""
    op.create_table(
        "patients",
        sa.Column("clinic_id", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", name="pk_patients"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.clinic_id"], name="fk_patients_clinics"),
    )
    op.create_index("uq_patients_blind_index", "patients", ["clinic_id", "blind_index"], unique=True)
    op.drop_index("ix_consultations_patient", "consultations")
    op.add_column("consultations", sa.Column("patient_id", sa.String(36), nullable=True))
    for keyring, row in _each():
        key = _find(keyring, row.clinic_id, row.patient_reference) or _add(keyring, row)
        _set(row, patient_id=key.patient_id)
        _rewrite(row, key, seals=True)
    with op.batch_alter_table("consultations") as table:
        table.drop_column("patient_reference")
        table.alter_column("patient_id", existing_type=sa.String(36), nullable=False)
        table.create_foreign_key(
            "fk_consultations_patients", "patients", ["clinic_id", "patient_id"], ["clinic_id", "patient_id"]
        )
    op.create_index("ix_consultations_patient", "consultations", ["clinic_id", "patient_id", "created_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        # What is compressed already would only be tried again, and fetched whole anyway.
        op.execute("ALTER TABLE revisions ALTER COLUMN body SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE notes ALTER COLUMN note SET STORAGE EXTERNAL")
        # Statistics are samples of values: an erased patient's wrapped key would live on among them.
        for column in ("wrapped_key", "blind_index", "reference"):
            op.execute(f"ALTER TABLE patients ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    """Open everything again, as the version before reads it."""
    op.drop_index("ix_consultations_patient", "consultations")
    op.add_column("consultations", sa.Column("patient_reference", sa.Text(), nullable=True))
    for keyring, row in _each():
        this = sa.and_(_PATIENTS.c.clinic_id == row.clinic_id, _PATIENTS.c.patient_id == row.patient_id)
        patient = op.get_bind().execute(sa.select(_PATIENTS).where(this)).one()
        key = keyring.unwrap(row.clinic_id, patient.patient_id, patient.master_key, patient.wrapped_key)
        sealed = patient.reference
        _set(row, patient_reference=None if sealed is None else key.open(sealed, REFERENCE).decode())
        _rewrite(row, key, seals=False)
    with op.batch_alter_table("consultations") as table:
        table.drop_constraint("fk_consultations_patients", type_="foreignkey")
        table.drop_column("patient_id")
    op.create_index("ix_consultations_patient", "consultations", ["clinic_id", "patient_reference", "created_at", "id"])
    op.drop_table("patients")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE revisions ALTER COLUMN body SET STORAGE EXTENDED")
        op.execute("ALTER TABLE notes ALTER COLUMN note SET STORAGE EXTENDED")


def _each() -> Iterator[tuple[Keyring, Any]]:
    """Every consultation, with the master keys; a few at a time, by key, while they are being changed."""
    here, keyring = op.get_bind(), context.config.attributes.get("keyring")
    after: tuple[str, str] = ("", "")
    place = sa.tuple_(_CONSULTATIONS.c.clinic_id, _CONSULTATIONS.c.id)
    while True:
        query = sa.select(_CONSULTATIONS.c.clinic_id, _CONSULTATIONS.c.id, _CREATED, *_of_patient(here))
        rows = here.execute(
            query.where(place > sa.tuple_(*after)).order_by(_CONSULTATIONS.c.clinic_id, _CONSULTATIONS.c.id).limit(500)
        ).all()
        if not rows:
            return
        if keyring is None:
            raise CommandError("sealing and opening take the master keys: use `spine-triage migrate`")
        for row in rows:
            yield keyring, row
        after = rows[-1].clinic_id, rows[-1].id


_CREATED = sa.type_coerce(_CONSULTATIONS.c.created_at, sa.DateTime(timezone=True)).label("created_at")


def _of_patient(here: sa.Connection) -> list[Any]:
    names = {column["name"] for column in sa.inspect(here).get_columns("consultations")}
    return [_CONSULTATIONS.c[name] for name in ("patient_reference", "patient_id") if name in names]


def _find(keyring: Keyring, clinic: str, reference: str | None) -> PatientKey | None:
    """The key of the patient with this reference, if another consultation brought it before."""
    if reference is None:
        return None
    known = _PATIENTS.c.blind_index.in_(keyring.blind_indices(clinic, reference))
    found = op.get_bind().execute(sa.select(_PATIENTS).where(_PATIENTS.c.clinic_id == clinic, known)).first()
    return None if found is None else keyring.unwrap(clinic, found.patient_id, found.master_key, found.wrapped_key)


def _add(keyring: Keyring, row: Any) -> PatientKey:
    """A new patient, with a key."""
    key, reference = make_patient_key(row.clinic_id, str(uuid4())), row.patient_reference
    patient = {
        "clinic_id": row.clinic_id,
        "patient_id": key.patient_id,
        "created_at": _in_utc(row.created_at),
        "master_key": keyring.current.key_id,
        "wrapped_key": keyring.wrap(key),
        "blind_index": None if reference is None else keyring.current.blind_index(row.clinic_id, reference),
        "reference": None if reference is None else key.seal(reference.encode(), REFERENCE),
    }
    op.get_bind().execute(sa.insert(_PATIENTS), patient)
    return key


def _in_utc(moment: datetime) -> datetime:
    """SQLite keeps no zone; what is stored is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _set(row: Any, **values: str | None) -> None:
    of_it = sa.and_(_CONSULTATIONS.c.clinic_id == row.clinic_id, _CONSULTATIONS.c.id == row.id)
    op.get_bind().execute(sa.update(_CONSULTATIONS).where(of_it).values(values))


def _rewrite(row: Any, key: PatientKey, *, seals: bool) -> None:
    """Seal or open the bodies and notes of a consultation, in place."""
    here = op.get_bind()
    for name, column, place in _SEALED:
        names = ("clinic_id", "consultation_id", "revision", column)
        table = sa.table(name, *(sa.column(each, sa.LargeBinary() if each == column else None) for each in names))
        of_it = sa.and_(table.c.clinic_id == row.clinic_id, table.c.consultation_id == row.id)
        for number, value in here.execute(sa.select(table.c.revision, table.c[column]).where(of_it)).all():
            there = place(row.id, number)
            again = key.seal(value, there) if seals else key.open(value, there)
            one = sa.and_(of_it, table.c.revision == number)
            here.execute(sa.update(table).where(one).values({column: again}))
