"""A backup of a SQLite database, in a file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from app.errors import InputError
from app.services.disk import sync_path
from app.store import copy_database, is_postgres


def back_up(url: str, file: Path, tell: Callable[[int, int], None], begin: Callable[[], None]) -> int:
    """Copy the database of the URL, as it is at this moment, to a new file that only its owner can read.

    Answers how many bytes it has. `tell` is called with the pages done, and with how many there are; `begin`
    once nothing stands in its way, before anything is copied.
    InputError when there is such a file already or none can be made there, and for PostgreSQL, which has programs of
    its own for this. StoreUnavailable when the database cannot be read.
    """
    if is_postgres(url):
        raise InputError(
            "a PostgreSQL database is backed up with its own pg_dump or pg_basebackup: see the operator's page"
        )
    if file.exists():
        raise InputError(f"{file} is there already, and a backup is never overwritten")
    # Under another name until it is finished, so that half a backup cannot be taken for one.
    unfinished = file.with_name(f"{file.name}.unfinished")
    _make_empty(unfinished)
    try:
        begin()
        copy_database(url, unfinished, tell)
        sync_path(unfinished)
        unfinished.rename(file)
    except BaseException:
        unfinished.unlink()
        raise
    sync_path(file.parent)
    return file.stat().st_size


def _make_empty(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise InputError(f"{file} is there: another backup is being made, or one was ended; remove it if so") from None
    except OSError as error:
        raise InputError(f"{file} cannot be made: {(error.strerror or str(error)).lower()}") from None
