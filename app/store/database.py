"""The database, whichever it is: units of work for a clinic, and whether it is ready."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from app.errors import StoreUnavailable
from app.store.patients.known import KnownPatients
from app.store.protection import Keyring
from app.store.records import Added, NewConsultation, PoolState, Scrubbed
from app.store.schema import current_revision, expected_revision
from app.store.unit import Unit

P = ParamSpec("P")
T = TypeVar("T")


class Database(ABC):
    """Runs functions over a unit of work, each in one transaction. Open one for the life of the process.

    A function gets the `Unit` first, then the arguments it was passed with, and returns plain values: a result that
    still reads from the connection is of no use once the transaction has ended.
    """

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._known = KnownPatients()

    @abstractmethod
    async def write(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(unit, ...)` in one transaction; it is committed before this returns.

        Whatever `fn` raises undoes its changes, and only its changes, and is raised here. It may be run more than once:
        when another transaction got in its way, all of it is undone and begins again.
        StoreUnavailable when the database did not answer or could not commit.
        """

    @abstractmethod
    async def read(self, clinic: str, fn: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(unit, ...)` in a transaction that cannot write; all it reads is of one moment.

        StoreUnavailable when the database did not answer.
        """

    @abstractmethod
    async def add_consultation(self, clinic: str, new: NewConsultation) -> Added:
        """Store a consultation with all that belongs to it, its audit event included: all or nothing.

        The rulebook's snapshot must have been kept before. Repeated when there is a receipt for the request already,
        IdempotencyKeyReused when its key stands for another one; StoreUnavailable.
        """

    @abstractmethod
    async def survey(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` over no clinic in particular, reading only: the schema's state, and for an owner every clinic's id.

        What row-level security hides from the service's role stays hidden here. StoreUnavailable.
        """

    @abstractmethod
    def pool_state(self) -> PoolState:
        """How busy connections are at this moment."""

    @abstractmethod
    async def close(self) -> None:
        """Finish the writes and reads under way, then let go. Closing twice is harmless."""

    async def check(self) -> None:
        """StoreUnavailable unless the database answers and its schema is the one this program was written for."""
        found, expected = await self.survey(current_revision), expected_revision()
        if found != expected:
            raise StoreUnavailable(
                f"the database's schema is {found or 'empty'}, not {expected}: run `spine-triage migrate`"
            )

    @abstractmethod
    async def check_role(self) -> None:
        """StoreUnavailable if the database would let this connection past what keeps clinics apart."""

    def forget_patient(self, clinic: str, reference: str) -> None:
        """Let go of what this process remembers of a patient, whose key it would otherwise hold for a while longer."""
        self._known.forget(clinic, reference)

    def forget_patients(self) -> None:
        """Let go of what this process remembers of patients whom it has not seen lately."""
        self._known.forget_old()

    @abstractmethod
    async def scrub(self) -> Scrubbed:
        """Take what was deleted of patients' keys out of the database's files too, unless that made others wait.

        Nothing is lost when it fails: what remains is unreadable without a master key. StoreUnavailable.
        """
