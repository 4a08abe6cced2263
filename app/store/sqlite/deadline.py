"""How long one caller may hold the writer: SQLite itself would let a read go on for ever."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import StoreUnavailable

_STEPS: Final = 1_000_000
"""Of SQLite's machine between two looks at the clock: some 15 ms. Each look takes Python's lock, for which a busy event
loop may let it wait for 5 ms."""

_READS: Final = re.compile(r"\s*(SELECT\b|WITH\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b))", re.IGNORECASE | re.DOTALL)
"""What is certain to write nothing. One that writes and has another form than we know of may take its time."""


class Deadline:
    """Ends what takes longer than `seconds`, in the thread of the one connection of an engine; None: never.

    Looked at before each statement and, while one reads, inside it. A statement that writes is not interrupted: SQLite
    would undo the whole transaction, with what others wrote in it.
    """

    def __init__(self, engine: Engine, seconds: float | None) -> None:
        """Before the engine's first connection."""
        self._seconds = seconds
        self._ends: float | None = None
        self._has_left: Callable[[], bool] = _stays
        self._reads = False
        if seconds is not None:
            event.listen(engine, "connect", self._watch)
            event.listen(engine, "before_cursor_execute", self._look)

    @contextmanager
    def running(self, has_left: Callable[[], bool]) -> Iterator[None]:
        """While the statements run of one caller, who may leave meanwhile. StoreUnavailable when they were ended."""
        if self._seconds is None:
            yield
            return
        self._ends, self._has_left, self._reads = monotonic() + self._seconds, has_left, False
        try:
            yield
        except OperationalError as error:
            if self._is_over():
                raise self._ended() from error
            raise
        finally:
            self._ends, self._has_left = None, _stays

    def _is_over(self) -> bool:
        return self._ends is not None and (monotonic() > self._ends or self._has_left())

    def _ended(self) -> StoreUnavailable:
        if self._has_left():
            return StoreUnavailable("the one who asked for it has left")
        return StoreUnavailable(f"the database would be held for more than {self._seconds:g} seconds by one caller")

    def _watch(self, connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        connection.set_progress_handler(self._interrupts, _STEPS)

    def _interrupts(self) -> bool:
        return self._reads and self._is_over()

    def _look(
        self, _connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: Any
    ) -> None:
        if self._is_over():
            raise self._ended()
        self._reads = _READS.match(statement) is not None


def _stays() -> bool:
    return False
