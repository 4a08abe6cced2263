"""Emptying the log of a SQLite file: what is deleted is overwritten there (`secure_delete`), but not in its log."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection

from app.errors import StoreUnavailable
from app.store.records import Scrubbed


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
