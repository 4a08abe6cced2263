"""What was deleted, taken out of a SQLite file and its log; `secure_delete` overwrites it in the file alone."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from app.errors import StoreUnavailable
from app.store.records import Scrubbed

_TO_WRITE_ANEW: Final = 1
_AGAIN_SECONDS: Final = 0.02


def empty_log(connection: Connection) -> Scrubbed:
    """Bring the log into the file and cut it off, unless somebody still reads from it. StoreUnavailable."""
    # Straight to the driver: SQLAlchemy would begin a transaction first.
    driver = connection.connection.cursor()
    try:
        driver.execute("PRAGMA busy_timeout")
        ((patience,),) = driver.fetchall()
        driver.execute("PRAGMA busy_timeout = 0")  # all writers wait behind this one
        try:
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            ((busy, _, _),) = driver.fetchall()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {patience}")
    except sqlite3.Error as error:
        raise StoreUnavailable("the database's log could not be emptied") from error
    finally:
        driver.close()
    return Scrubbed.IN_THE_WAY if busy else Scrubbed.DONE


def remember_to_write_anew(connection: Connection) -> None:
    """Note, with whatever else the transaction does, that `write_anew` has to follow."""
    connection.exec_driver_sql(f"PRAGMA user_version = {_TO_WRITE_ANEW}")


def write_anew(connection: Connection) -> None:
    """Write the whole file anew if that is still to be done. StoreUnavailable, and then it still is."""
    driver = connection.connection.cursor()  # straight to the driver, as above
    try:
        driver.execute("PRAGMA user_version")
        if driver.fetchall() == [(_TO_WRITE_ANEW,)]:
            driver.execute("VACUUM")
            if not _is_cut_off(driver):
                raise StoreUnavailable("somebody reads the database, and its log could not be emptied: migrate again")
            driver.execute("PRAGMA user_version = 0")
    except sqlite3.Error as error:
        raise StoreUnavailable("the database's file could not be written anew: migrate again") from error
    finally:
        driver.close()


def _is_cut_off(driver: DBAPICursor) -> bool:
    """Empty the log, waiting for others as long as this connection waits for anybody."""
    driver.execute("PRAGMA busy_timeout")
    ((patience,),) = driver.fetchall()
    deadline = monotonic() + patience / 1000
    while True:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((busy, _, _),) = driver.fetchall()
        if not busy:
            return True
        # SQLite waits for those who read, but not for another one who empties the log.
        if monotonic() >= deadline:
            return False
        sleep(_AGAIN_SECONDS)
