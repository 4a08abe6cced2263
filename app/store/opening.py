"""Which database a URL names."""

from __future__ import annotations

from app.store.database import Database
from app.store.postgres.database import PostgresDatabase
from app.store.postgres.engine import is_postgres
from app.store.protection import Keyring
from app.store.sqlite.database import HELD_SECONDS, SqliteDatabase


def open_database(url: str, keyring: Keyring, *, patient: bool = False) -> Database:
    """The database of a URL: `sqlite:///path.db`, whose file is never made here, or `postgresql://user@host/name`.

    A `patient` one is for an operator's commands: they may take long, and on PostgreSQL only the tables' owner passes
    its `check`. The caller closes it.
    StoreUnavailable when the URL names neither. Whether the database answers, `Database.check` says.
    """
    if is_postgres(url):
        return PostgresDatabase(url, keyring, patient=patient)
    return SqliteDatabase(url, keyring, held_seconds=None if patient else HELD_SECONDS)
