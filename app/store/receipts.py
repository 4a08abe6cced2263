"""Receipts: what was answered to requests that carried an Idempotency-Key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from app.models import receipts
from app.store.protection.sealing import seal, unseal
from app.store.records import Receipt
from app.store.unit import Unit

# Another process may be answering the same request at this moment.
_ADD: dict[str, Executable] = {
    "postgresql": postgresql.insert(receipts).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(receipts).on_conflict_do_nothing(),
}
_FIND = select(receipts).where(
    receipts.c.clinic_id == bindparam("clinic"), receipts.c.key_hash == bindparam("key_hash")
)
_HERE: BindParameter[str] = bindparam("clinic")
_OLD = and_(receipts.c.clinic_id == _HERE, receipts.c.made_at < bindparam("before"))
_COUNT_OLD = select(func.count()).select_from(receipts).where(_OLD)
_SOME_OLD = select(receipts.c.key_hash).where(_OLD).order_by(receipts.c.made_at).limit(bindparam("most"))
_DROP_OLD = delete(receipts).where(receipts.c.clinic_id == _HERE, receipts.c.key_hash.in_(_SOME_OLD))


def find_receipt(unit: Unit, key_hash: str) -> Receipt | None:
    """The receipt for a key, with the answer opened; None where the key is new, or its receipt was dropped."""
    row = unit.connection.execute(_FIND, {"clinic": unit.clinic, "key_hash": key_hash}).first()
    if row is None:
        return None
    answer = None
    if row.answer is not None:
        key_id, _, sealed = row.answer.partition(b":")
        secret = unit.keyring.key(key_id.decode()).answering
        answer = unseal(secret, sealed, f"{unit.clinic}/{key_hash}")
    return Receipt(row.key_hash, row.request_hash, row.consultation_id, row.revision, row.review_id, answer)


def add_receipt(unit: Unit, receipt: Receipt, at: datetime) -> bool:
    """Store a receipt, unless there is one for the key; answers whether it was stored."""
    add = _ADD[unit.connection.dialect.name]
    return bool(unit.connection.execute(add, receipt_row(unit, receipt, at)).rowcount)


def receipt_row(unit: Unit, receipt: Receipt, at: datetime) -> dict[str, Any]:
    """The row of a receipt, its answer sealed under the current master key, whose id stands in front."""
    answer = None
    if receipt.answer is not None:
        current = unit.keyring.current
        sealed = seal(current.answering, receipt.answer, f"{unit.clinic}/{receipt.key_hash}")
        answer = current.key_id.encode() + b":" + sealed
    return {
        "clinic_id": unit.clinic,
        "key_hash": receipt.key_hash,
        "request_hash": receipt.request_hash,
        "made_at": at,
        "consultation_id": receipt.consultation_id,
        "revision": receipt.revision,
        "review_id": receipt.review_id,
        "answer": answer,
    }


def count_receipts(unit: Unit, before: datetime) -> int:
    """How many receipts were made before a moment."""
    return unit.connection.execute(_COUNT_OLD, {"clinic": unit.clinic, "before": before}).scalar_one()


def drop_receipts(unit: Unit, before: datetime, most: int) -> int:
    """Forget receipts made before a moment, at most so many; answers how many."""
    return unit.connection.execute(_DROP_OLD, {"clinic": unit.clinic, "before": before, "most": most}).rowcount
