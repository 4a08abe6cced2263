"""Notes that stay for learning after an erasure: sealed as health data is, under the clinic's own key of them.

The key of their patient is gone, so they lie under a key that is derived from the master key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, bindparam, select, update

from app.errors import Damaged, KeysMissing
from app.models import kept_notes
from app.store.protection.sealing import seal, unseal
from app.store.unit import Unit

_AT_A_TIME = 100
_HERE = kept_notes.c.clinic_id == bindparam("clinic")
_ALL = select(kept_notes).where(_HERE).order_by(kept_notes.c.month, kept_notes.c.kept_id)
_SOME_OLD = (
    select(kept_notes)
    .where(_HERE, kept_notes.c.master_key != bindparam("current"), kept_notes.c.kept_id > bindparam("after"))
    .order_by(kept_notes.c.kept_id)
    .limit(bindparam("most"))
)
_RESEAL = update(kept_notes).where(_HERE, kept_notes.c.kept_id == bindparam("this"))


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A note without identity, and the month in which it was made (its first day)."""

    month: date
    rulebook_digest: str
    note: bytes


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of some kept notes. `last` is where the next ones begin after."""

    last: str
    resealed: int
    unopened: int


def kept_row(unit: Unit, kept: KeptNote) -> dict[str, Any]:
    """The row of a note that stays, under an id that says nothing of whose it was."""
    this = str(uuid4())
    columns = {"month": kept.month, "rulebook_digest": kept.rulebook_digest}
    return {"clinic_id": unit.clinic, "kept_id": this, **columns, **_sealed(unit, this, kept.note)}


def every_kept_note(unit: Unit, unopened: Callable[[str], None] | None = None) -> Iterator[KeptNote]:
    """Every note that stays, by month, opened. Read it to the end inside the transaction.

    One that does not open, because it was changed or its master key is missing, is told to `unopened` by its id and
    passed over; where nobody is to be told, KeysMissing or Damaged.
    """
    for row in unit.connection.execute(_ALL, {"clinic": unit.clinic}, execution_options={"yield_per": _AT_A_TIME}):
        try:
            note = open_kept(unit, row)
        except (KeysMissing, Damaged):
            if unopened is None:
                raise
            unopened(row.kept_id)
            continue
        yield KeptNote(row.month, row.rulebook_digest, note)


def reseal_some(unit: Unit, after: str, most: int) -> Resealed | None:
    """Bring the next `most` notes after an id, "" to begin, under the current master key; None when none is left."""
    asked = {"clinic": unit.clinic, "current": unit.keyring.current.key_id, "after": after, "most": most}
    rows = unit.connection.execute(_SOME_OLD, asked).all()
    if not rows:
        return None
    unopened = 0
    for row in rows:
        try:
            note = open_kept(unit, row)
        except (KeysMissing, Damaged):
            unopened += 1
            continue
        this = {"clinic": unit.clinic, "this": row.kept_id}
        unit.connection.execute(_RESEAL, this | _sealed(unit, row.kept_id, note))
    return Resealed(rows[-1].kept_id, len(rows) - unopened, unopened)


def _sealed(unit: Unit, this: str, note: bytes) -> dict[str, Any]:
    current = unit.keyring.current
    return {"master_key": current.key_id, "note": seal(current.keeping, note, _place(unit, this))}


def open_kept(unit: Unit, row: Row[*tuple[Any, ...]]) -> bytes:
    """What a row of kept notes holds. KeysMissing, Damaged."""
    return unseal(unit.keyring.key(row.master_key).keeping, row.note, _place(unit, row.kept_id))


def _place(unit: Unit, this: str) -> str:
    return f"{unit.clinic}/{this}/kept"
