"""A PostgreSQL database, reached by a role that row-level security holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import StoreUnavailable
from app.store.database import Database
from app.store.failure import as_intended, sqlstate
from app.store.patients.keys import find_patients
from app.store.postgres.engine import POOL, open_engine
from app.store.postgres.one_statement import Clash, add_in_one_statement, clash_of
from app.store.postgres.scrubbing import scrub_keys
from app.store.protection import Keyring, PatientKey
from app.store.protection.keyring import make_patient_key
from app.store.receipts import drop_outlived, find_receipt
from app.store.records import Added, NewConsultation, PoolState, Receipt, Repeated, Scrubbed
from app.store.unit import Unit

_BIND: Final = "SELECT set_config('spine_triage.clinic', $1, true)"
"""Binds the transaction, and only it, to a clinic: what row-level security compares with."""

_ROLE: Final = text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('consultations')"
    " AND pg_has_role(current_user, relowner, 'member')) FROM pg_roles WHERE rolname = current_user"
)
_SEES_ITS_OWN: Final = text("SELECT row_security_active('consultations')")
_ATTEMPTS: Final = 10
_OVERTAKEN: Final = frozenset({"23503", "23505", "40001", "40P01"})
"""What another transaction causes that erased, added or held first what this one is about: a second look sees it."""

P = ParamSpec("P")
T = TypeVar("T")


class PostgresDatabase(Database):
    """Every transaction is bound to a clinic before anything else happens in it."""

    def __init__(self, url: str, keyring: Keyring, pool: int = POOL, *, patient: bool = False) -> None:
        """Open no connection yet. StoreUnavailable when the URL cannot be read."""
        super().__init__(keyring)
        self._url = url
        self._engine: AsyncEngine = open_engine(url, pool, patient=patient)
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._for_operators = patient
        self._closed = False
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def write(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        with self._at_work():
            for _ in range(_ATTEMPTS - 1):
                try:
                    return await self._run(self._engine, clinic, lambda unit: fn(unit, *args, **kwargs))
                except (IntegrityError, StoreUnavailable) as error:
                    if sqlstate(error) not in _OVERTAKEN:
                        raise
            return await self._run(self._engine, clinic, lambda unit: fn(unit, *args, **kwargs))

    async def read(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        with self._at_work():
            return await self._run(self._snapshots, clinic, lambda unit: fn(unit, *args, **kwargs))

    async def add_consultation(self, clinic: str, new: NewConsultation) -> Added:
        """See `Database.add_consultation`: one statement, and so one round trip, for a patient who is known or new."""
        with self._at_work():
            # Under an older master key the same Idempotency-Key has another hash, so that nothing would clash.
            if new.receipt is not None and len(self.keyring.keys) > 1:
                await self._refuse_repeated(clinic, new.receipt)
            for _ in range(_ATTEMPTS):
                at = new.now()
                patient = await self._patient_for(clinic, new.judged.patient_reference)
                try:
                    with _intended():
                        await add_in_one_statement(self._engine, self.keyring, patient, new, at)
                except IntegrityError as error:
                    await self._settle(clinic, new, clash_of(error), error)
                else:
                    self._known.remember(clinic, new.judged.patient_reference, patient[0])
                    return Added(at, patient[0].patient_id)
        raise StoreUnavailable("the patient was being erased and added at the same time; try again")

    async def survey(self, fn: Callable[[Connection], T]) -> T:
        """See `Database.survey`."""
        with self._at_work():
            return await self._run_on(self._snapshots, fn)

    def pool_state(self) -> PoolState:
        """See `Database.pool_state`."""
        pool: Any = self._engine.pool  # a QueuePool, which its type does not say
        in_use = pool.checkedout()
        return PoolState(size=pool.size(), in_use=in_use, waiting=max(0, self._under_way - in_use))

    async def scrub(self) -> Scrubbed:
        """See `Database.scrub`: the small table of keys is written anew."""
        with self._at_work():
            return await scrub_keys(self._url, patient=self._for_operators)

    async def close(self) -> None:
        """See `Database.close`."""
        self._closed = True
        await self._idle.wait()
        await self._engine.dispose()

    async def check(self) -> None:
        """See `Database.check`; an operator's commands also have to see every clinic, or they would find nothing."""
        await super().check()
        if self._for_operators and await self.survey(lambda found: found.execute(_SEES_ITS_OWN).scalar_one()):
            raise StoreUnavailable(
                "row-level security hides every clinic from this role: commands are for the tables' owner,"
                " whom SPINE_TRIAGE_OWNER_DATABASE_URL names"
            )

    async def check_role(self) -> None:
        """See `Database.check_role`."""
        if await self.survey(lambda connection: connection.execute(_ROLE).scalar_one()):
            raise StoreUnavailable(
                "the service may not connect as a superuser or as the tables' owner, whom row-level security lets pass:"
                " give it a role of its own, a member of spine_triage_service"
            )

    async def _patient_for(self, clinic: str, reference: str | None) -> tuple[PatientKey, bool]:
        """The key of a patient seen lately, or else a new one, and whether it is new.

        That somebody new is there already shows when the row is refused; but not under an older master key, whose index
        of the reference is another one. So while keys are being rotated, patients are looked up first.
        """
        known = self._known.find(clinic, reference)
        if known is None and reference is not None and len(self.keyring.keys) > 1:
            known = next(
                iter(await self._run(self._snapshots, clinic, lambda unit: find_patients(unit, reference))), None
            )
        if known is not None:
            return known, False
        return make_patient_key(clinic, str(uuid4())), True

    async def _settle(self, clinic: str, new: NewConsultation, clash: Clash | None, error: IntegrityError) -> None:
        """Make the next attempt succeed. Repeated if the request was answered before; `error` if it is a mistake."""
        reference = new.judged.patient_reference
        if clash is Clash.RECEIPT and new.receipt is not None:
            receipt = new.receipt
            await self._refuse_repeated(clinic, receipt)
            await self._run(self._engine, clinic, lambda unit: drop_outlived(unit, receipt))
        elif clash is Clash.PATIENT_KNOWN and reference is not None:
            for key in await self._run(self._snapshots, clinic, lambda unit: find_patients(unit, reference)):
                self._known.remember(clinic, reference, key)
        elif clash is Clash.PATIENT_GONE and reference is not None:
            self._known.forget(clinic, reference)
        else:
            raise error

    async def _refuse_repeated(self, clinic: str, receipt: Receipt) -> None:
        """Repeated if there is a receipt for the request; IdempotencyKeyReused."""
        found = await self._run(self._snapshots, clinic, lambda unit: find_receipt(unit, receipt))
        if found is not None:
            raise Repeated(found)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """A call under way, for which `close` waits. StoreUnavailable when the store is closed."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _run(self, engine: AsyncEngine, clinic: str, fn: Callable[[Unit], T]) -> T:
        def bound(connection: Connection) -> T:
            connection.exec_driver_sql(_BIND, (clinic,))
            return fn(Unit(connection, clinic, self.keyring))

        return await self._run_on(engine, bound)

    async def _run_on(self, engine: AsyncEngine, fn: Callable[[Connection], T]) -> T:
        with _intended():
            async with engine.begin() as connection:
                return await connection.run_sync(fn)


@contextmanager
def _intended() -> Iterator[None]:
    """StoreUnavailable for what of the block's failures means that; the others as they are."""
    try:
        yield
    except Exception as error:
        shown = as_intended(error)
        if shown is error:
            raise
        raise shown from shown.__cause__
