"""Receipts: what was answered to requests that carried an Idempotency-Key."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from app.errors import IdempotencyKeyReused
from app.models import receipts
from app.store.protection import Keyring
from app.store.protection.keyring import MasterKey
from app.store.protection.sealing import seal, unseal
from app.store.records import Receipt
from app.store.unit import Unit

# Another process may be answering the same request at this moment.
_ADD: dict[str, Executable] = {
    "postgresql": postgresql.insert(receipts).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(receipts).on_conflict_do_nothing(),
}
_FIND = (
    select(receipts)
    .where(
        receipts.c.clinic_id == bindparam("clinic"),
        receipts.c.key_hash.in_(bindparam("key_hashes", expanding=True)),
        receipts.c.made_at >= bindparam("since"),
    )
    .order_by(receipts.c.made_at)
    .limit(1)
)
_HERE: BindParameter[str] = bindparam("clinic")
_OLD = and_(receipts.c.clinic_id == _HERE, receipts.c.made_at < bindparam("before"))
_DROP_OUTLIVED = delete(receipts).where(_OLD, receipts.c.key_hash == bindparam("key_hash"))
_COUNT_OLD = select(func.count()).select_from(receipts).where(_OLD)
_SOME_OLD = select(receipts.c.key_hash).where(_OLD).order_by(receipts.c.made_at).limit(bindparam("most"))
_DROP_OLD = delete(receipts).where(receipts.c.clinic_id == _HERE, receipts.c.key_hash.in_(_SOME_OLD))


def find_receipt(unit: Unit, asked: Receipt) -> Receipt | None:
    """The receipt for a request, with the answer opened; None where its key is new, or was used before `asked.since`.

    IdempotencyKeyReused when the key stands for another request.
    """
    hashes = {_key_hash(key, unit.clinic, asked): key for key in unit.keyring.keys}
    wanted = {"clinic": unit.clinic, "key_hashes": list(hashes), "since": asked.since}
    row = unit.connection.execute(_FIND, wanted).first()
    if row is None:
        return None
    key = hashes[row.key_hash]
    if not hmac.compare_digest(row.request_hash, _request_hash(key, unit.clinic, asked)):
        raise IdempotencyKeyReused("this Idempotency-Key was used for another request; take a new one for each request")
    answer = None
    if row.answer is not None:
        answer = unseal(key.answering, row.answer, f"{unit.clinic}/{row.key_hash}")
    return replace(
        asked, consultation_id=row.consultation_id, revision=row.revision, review_id=row.review_id, answer=answer
    )


def add_receipt(unit: Unit, receipt: Receipt, at: datetime) -> bool:
    """Store a receipt, unless there is one for the key; answers whether it was stored. IdempotencyKeyReused."""
    # Under an older master key the same key has another hash, so that nothing would clash.
    if len(unit.keyring.keys) > 1 and find_receipt(unit, receipt) is not None:
        return False
    add, row = _ADD[unit.connection.dialect.name], receipt_row(unit.keyring, unit.clinic, receipt, at)
    if unit.connection.execute(add, row).rowcount:
        return True
    return drop_outlived(unit, receipt) and bool(unit.connection.execute(add, row).rowcount)


def drop_outlived(unit: Unit, asked: Receipt) -> bool:
    """Forget the key's receipt, if it counts no more but is still in the way; answers whether it was."""
    this = {
        "clinic": unit.clinic,
        "before": asked.since,
        "key_hash": _key_hash(unit.keyring.current, unit.clinic, asked),
    }
    return bool(unit.connection.execute(_DROP_OUTLIVED, this).rowcount)


def receipt_row(keyring: Keyring, clinic: str, receipt: Receipt, at: datetime) -> dict[str, Any]:
    """The row of a receipt, its hashes keyed and its answer sealed under the current master key."""
    current = keyring.current
    key_hash, answer = _key_hash(current, clinic, receipt), receipt.answer
    return {
        "clinic_id": clinic,
        "key_hash": key_hash,
        "request_hash": _request_hash(current, clinic, receipt),
        "master_key": current.key_id,
        "made_at": at,
        "consultation_id": receipt.consultation_id,
        "revision": receipt.revision,
        "review_id": receipt.review_id,
        "answer": None if answer is None else seal(current.answering, answer, f"{clinic}/{key_hash}"),
    }


def count_receipts(unit: Unit, before: datetime) -> int:
    """How many receipts were made before a moment."""
    return unit.connection.execute(_COUNT_OLD, {"clinic": unit.clinic, "before": before}).scalar_one()


def drop_receipts(unit: Unit, before: datetime, most: int) -> int:
    """Forget receipts made before a moment, at most so many; answers how many."""
    return unit.connection.execute(_DROP_OLD, {"clinic": unit.clinic, "before": before, "most": most}).rowcount


def _key_hash(key: MasterKey, clinic: str, receipt: Receipt) -> str:
    return _keyed(key, clinic, receipt.key_hash)


def _request_hash(key: MasterKey, clinic: str, receipt: Receipt) -> str:
    return _keyed(key, clinic, receipt.key_hash, receipt.request_hash)


def _keyed(key: MasterKey, *told: str) -> str:
    return hmac.digest(key.recognising, "\x00".join(told).encode(), "sha256").hex()
