"""Bringing a database's schema to the one this program was written for."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from app.errors import StoreUnavailable
from app.store.failure import as_intended, sqlstate
from app.store.postgres import scrubbing as postgres
from app.store.postgres.engine import is_postgres, open_engine
from app.store.protection import Keyring
from app.store.schema import alembic_config, current_revision
from app.store.sqlite import scrubbing as sqlite
from app.store.sqlite.engine import DatabaseMissing, open_migrator, open_readers

_MAY_NOT = "42501"
_READABLE = ("2026_11_23_consultations", "2026_11_28_clinics")
"""The schemas whose rows were readable. Sealed since, they still stand in what is free of the files' pages."""

_IS_HELD = text("SELECT row_security_active('patients')")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('spine-triage migrations'))")


def migrate(url: str, keyring: Keyring, to: str = "head") -> None:
    """Bring the database to a schema, by default the newest: all of it or nothing; a current one is left as it is.

    Processes that migrate at once take turns. The keyring seals what an earlier version stored in the open; going back
    to such a version opens it again. On PostgreSQL the URL is the owner's.

    StoreUnavailable when the database cannot be opened or was written by a newer version of this program.
    """
    config = alembic_config()
    config.attributes["keyring"] = keyring
    try:
        if is_postgres(url):
            # In a thread of its own, because the caller may be in an event loop, and asyncpg needs one.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _migrate_postgres(url, config, to)).result()
        else:
            _migrate_sqlite(url, config, to)
    except CommandError as error:
        raise StoreUnavailable(f"the database cannot be migrated: {error}") from error
    except Exception as error:
        if sqlstate(error) == _MAY_NOT:
            raise StoreUnavailable("this role may not change the schema; only the tables' owner migrates") from error
        shown = as_intended(error)
        if shown is error:
            raise
        raise shown from shown.__cause__


def has_patients(url: str) -> bool:
    """Whether the database holds anything that is sealed; one that is not there, or was never migrated, does not.

    StoreUnavailable when it does not answer, or to a role from which row-level security would hide it.
    """
    try:
        if is_postgres(url):
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, _look_into_postgres(url)).result()
        return _look_into_sqlite(url)
    except DatabaseMissing:
        return False
    except Exception as error:
        shown = as_intended(error)
        if shown is error:
            raise
        raise shown from shown.__cause__


async def _look_into_postgres(url: str) -> bool:
    engine = open_engine(url, pool=1)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_has_patients)
    finally:
        await engine.dispose()


def _look_into_sqlite(url: str) -> bool:
    engine = open_readers(url, 1)
    try:
        with engine.begin() as connection:
            return _has_patients(connection)
    finally:
        engine.dispose()


def _has_patients(connection: Connection) -> bool:
    if not inspect(connection).has_table("patients"):
        return False
    if connection.dialect.name == "postgresql" and connection.execute(_IS_HELD).scalar_one():
        raise StoreUnavailable("this role cannot see whether anything is stored; only the tables' owner can")
    tables = inspect(connection).get_table_names()
    sealed = [name for name in ("patients", "kept_notes", "receipts", "audit_events") if name in tables]
    return any(connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() for name in sealed)  # noqa: S608 - ours


def _migrate_sqlite(url: str, config: Config, to: str) -> None:
    engine = open_migrator(url)
    try:
        with engine.begin() as connection:
            if current_revision(connection) in _READABLE:
                sqlite.remember_to_write_anew(connection)
            _move(connection, config, to)
        with engine.connect() as connection:
            sqlite.write_anew(connection)
    finally:
        engine.dispose()


async def _migrate_postgres(url: str, config: Config, to: str) -> None:
    engine = open_engine(url, pool=1, patient=True)
    try:
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            if await connection.run_sync(current_revision) in _READABLE:
                await connection.run_sync(postgres.remember_to_write_anew)
            await connection.run_sync(_move, config, to)
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.run_sync(postgres.write_anew)
    finally:
        await engine.dispose()


def _move(connection: Connection, config: Config, to: str) -> None:
    config.attributes["connection"] = connection
    here = current_revision(connection)
    newer = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    # Revisions are walked from the newest to the oldest.
    backwards = to in ("base", *newer) and here in newer and (to == "base" or newer.index(to) > newer.index(here))
    (command.downgrade if backwards else command.upgrade)(config, to)
