"""One transaction over the rows of one clinic: the only way to them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.store.protection import Keyring


@dataclass(frozen=True, slots=True)
class Unit:
    """What every function of this room that reads or writes a clinic's rows takes first.

    On PostgreSQL the transaction itself is bound to the clinic, by row-level security; statements name it all the same,
    because that is what the tables' keys begin with.
    """

    connection: Connection
    clinic: str
    keyring: Keyring
