"""Writing tables anew, so that what was deleted or sealed leaves their files."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from app.errors import StoreUnavailable
from app.store.failure import as_intended, sqlstate
from app.store.postgres.engine import open_engine
from app.store.records import Scrubbed

_LOCKED: Final = "55P03"
_CANCELLED: Final = "57014"
_WAIT: Final = "200ms"
"""How long it waits for the table: everybody who comes after waits with it."""

# VACUUM only warns a role that may not, and goes on. Before version 17 nobody but the owner could be let.
_MAY: Final = text(
    "SELECT pg_has_role(relowner, 'USAGE') OR CASE WHEN CAST(current_setting('server_version_num') AS int) >= 170000"
    " THEN has_table_privilege(oid, 'MAINTAIN') ELSE false END FROM pg_class WHERE oid = to_regclass('patients')"
)

_REMEMBER: Final = text("COMMENT ON TABLE revisions IS 'to be written anew'")
_REMEMBERED: Final = text("SELECT obj_description(to_regclass('revisions'), 'pg_class') = 'to be written anew'")
_FORGET: Final = text("COMMENT ON TABLE revisions IS NULL")


async def scrub_keys(url: str, *, patient: bool) -> Scrubbed:
    """Write the table of patients' keys anew, over a connection of its own. StoreUnavailable."""
    engine = open_engine(url, 1, patient=patient)
    try:
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            return await connection.run_sync(_write_keys_anew)
    except Exception as error:
        if sqlstate(error) == _LOCKED:
            return Scrubbed.IN_THE_WAY
        if sqlstate(error) == _CANCELLED or isinstance(error, TimeoutError):
            return Scrubbed.TOO_SLOW
        shown = as_intended(error)
        if isinstance(shown, StoreUnavailable):
            raise shown from shown.__cause__
        raise
    finally:
        await engine.dispose()


def _write_keys_anew(connection: Connection) -> Scrubbed:
    if not connection.execute(_MAY).scalar():
        return Scrubbed.NOT_ALLOWED
    connection.exec_driver_sql(f"SET lock_timeout = '{_WAIT}'")
    connection.exec_driver_sql("VACUUM (FULL) patients")
    return Scrubbed.DONE


def remember_to_write_anew(connection: Connection) -> None:
    """Note, with whatever else the transaction does, that `write_anew` has to follow."""
    connection.execute(_REMEMBER)


def write_anew(connection: Connection) -> None:
    """Write what consultations hold anew if that is still to be done. The connection commits each statement."""
    if connection.execute(_REMEMBERED).scalar():
        connection.exec_driver_sql("VACUUM (FULL) consultations, revisions, notes")
        connection.execute(_FORGET)
