"""What is stored of a consultation, changed behind the service's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from sqlalchemy import Column, Table, select, update

from app.models import consultations, notes, revisions
from app.store import Unit
from app.store.patients.keys import key_of
from app.store.protection.patient_key import body_of, note_of

Part = Literal["body", "note"]

_PARTS: Final[dict[Part, tuple[Table, Column[Any], Callable[[str, int], str]]]] = {
    "body": (revisions, revisions.c.body, body_of),
    "note": (notes, notes.c.note, note_of),
}


def say_otherwise(unit: Unit, part: Part, this: str, number: int, change: Callable[[bytes], bytes]) -> None:
    """Let a revision's part say something else, sealed as it should be: by somebody who has the keys."""
    of_it = select(consultations.c.patient_id).where(
        consultations.c.clinic_id == unit.clinic, consultations.c.id == this
    )
    key = key_of(unit, unit.connection.execute(of_it).scalar_one())
    place = _PARTS[part][2](this, number)
    _rewrite(unit, part, this, number, lambda sealed: key.seal(change(key.open(sealed, place)), place))


def break_seal(unit: Unit, part: Part, this: str, number: int) -> None:
    """Change one bit of a revision's part, so that it does not open any more."""
    _rewrite(unit, part, this, number, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]))


def _rewrite(unit: Unit, part: Part, this: str, number: int, change: Callable[[bytes], bytes]) -> None:
    table, column, _ = _PARTS[part]
    of_it = (table.c.clinic_id == unit.clinic, table.c.consultation_id == this, table.c.revision == number)
    sealed: bytes = unit.connection.execute(select(column).where(*of_it)).scalar_one()
    unit.connection.execute(update(table).where(*of_it).values({column.name: change(sealed)}))
