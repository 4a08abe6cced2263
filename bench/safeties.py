"""What each safety costs of a write: the same consultation stored with one more of them each time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from time import perf_counter
from typing import Any, TypeVar
from uuid import uuid4

import uvloop

from app.models import LOCAL_CLINIC
from app.store import (
    Database,
    Event,
    Judged,
    NewConsultation,
    Receipt,
    Unit,
    keep_snapshot,
    migrate,
    open_database,
)
from app.store.protection.keyring import make_patient_key
from app.store.whole_write import revision_rows
from app.triage import Triage
from bench.bare import open_cluster
from bench.bodies import pool
from bench.inserts import KEYRING, Rows, add_patient, insert_rows, judged_of, rows_of
from bench.rounds import Line, Sizes, alternate, rate, ratios
from bench.served import scratch

CLIENTS = 64

_Case = tuple[Rows, Judged]
_Store = Callable[[Database, _Case], Awaitable[object]]

T = TypeVar("T")


def measure_safeties(triage: Triage, sizes: Sizes) -> Iterator[Line]:
    """Without HTTP and without judging: 64 callers of the store, each waiting for its commit."""
    bodies = pool(sizes.bodies)
    cases = [(rows_of(triage, body), judged_of(triage, body)) for body in bodies]
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        urls = stack.enter_context(open_cluster()).make_database()
        migrate(urls.owner, KEYRING)
        file = f"sqlite:///{folder / 'safeties.sqlite3'}"
        migrate(file, KEYRING)
        for name, url in (("SQLite", file), ("PostgreSQL", urls.service)):
            _run(_prepare(url, triage, cases))
            works = {
                what: (lambda s=store, u=url: _run(_rate(u, s, cases, sizes.requests))) for what, store in _WAYS.items()
            }
            found = alternate(sizes.rounds, works)
            plain = found["plain rows"]
            for what in list(_WAYS)[1:]:
                aside = f"{rate(found[what])}; plain {rate(plain)}"
                yield Line(f"stored on {name}, {what}: share of plain rows", None, ratios(found[what], plain), aside)


def _plain(unit: Unit, case: _Case) -> None:
    rows, judged = case
    insert_rows(
        unit.connection,
        replace(rows, revision=rows.revision | {"body": judged.body}, note=rows.note | {"note": judged.note}),
        audited=False,
        with_receipt=False,
    )


def _sealed(unit: Unit, case: _Case, *, audited: bool = False, with_receipt: bool = False) -> None:
    rows, judged = case
    key = make_patient_key(LOCAL_CLINIC, rows.consultation["patient_id"])
    fresh = revision_rows(key, str(uuid4()), 1, judged, datetime.now(UTC))
    sealed = replace(rows, revision=fresh.revision, note=fresh.note)
    insert_rows(unit.connection, sealed, audited=audited, with_receipt=with_receipt)


def _whole(database: Database, case: _Case) -> Awaitable[object]:
    event = Event("consultation.recorded", "done", "api_key", "abcdefghijkl", "consultations/x", "127.0.0.1", "0" * 32)
    this = str(uuid4())
    receipt = Receipt(this.ljust(64, "0"), "0" * 64, this, 1)
    new = NewConsultation(this, case[1], lambda: datetime.now(UTC), event, receipt)
    return database.add_consultation(LOCAL_CLINIC, new)


_WAYS: dict[str, _Store] = {
    "plain rows": lambda database, case: database.write(LOCAL_CLINIC, _plain, case),
    "sealed": lambda database, case: database.write(LOCAL_CLINIC, _sealed, case),
    "sealed, audited": lambda database, case: database.write(LOCAL_CLINIC, _sealed, case, audited=True),
    "sealed, audited, with receipt": lambda database, case: database.write(
        LOCAL_CLINIC, _sealed, case, audited=True, with_receipt=True
    ),
    "as the service stores it": _whole,
}


def _add_patient(unit: Unit, rows: Rows) -> None:
    add_patient(unit.connection, rows)


async def _prepare(url: str, triage: Triage, cases: Sequence[_Case]) -> None:
    database = open_database(url, KEYRING)
    rulebook = triage.rulebook
    await database.write(LOCAL_CLINIC, keep_snapshot, rulebook.digest, rulebook.version, rulebook.files)
    for rows, _ in cases:
        await database.write(LOCAL_CLINIC, _add_patient, rows)
    await database.close()


def _measure(url: str, store: _Store, cases: Sequence[_Case], requests: int) -> float:
    return _run(_rate(url, store, cases, requests))


async def _rate(url: str, store: _Store, cases: Sequence[_Case], requests: int) -> float:
    database = open_database(url, KEYRING)
    numbers = count()

    async def store_on(most: int) -> None:
        while (number := next(numbers)) < most:
            await store(database, cases[number % len(cases)])

    # Once round first: connections are opened and patients met before the clock runs.
    await asyncio.gather(*(store_on(len(cases)) for _ in range(CLIENTS)))
    numbers = count()
    begun = perf_counter()
    await asyncio.gather(*(store_on(requests) for _ in range(CLIENTS)))
    spent = perf_counter() - begun
    await database.close()
    return requests / spent


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
