"""The one writer of a SQLite database: a thread that commits many callers' writes together.

A commit with `synchronous=FULL` waits for the disk. While it waits, other writes queue up; the next
commit takes them all. Each runs in a savepoint of its own, so that a failing one undoes only itself, and
nobody is answered before the commit that holds their write has returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import takewhile
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from app.errors import StoreUnavailable
from app.store.failure import as_intended
from app.store.sqlite.deadline import Deadline

MOST_TOGETHER: Final = 64
"""At most so many writes share a commit, which bounds how long the first of them waits for the others."""

TOGETHER_SECONDS: Final = 0.25
"""Once those that share a commit have taken so long, it is made, and the others come after."""

T = TypeVar("T")


class _Write:
    """One caller's function, and what became of it."""

    __slots__ = ("alone", "error", "fn", "future", "loop", "result")

    def __init__(self, fn: Callable[[Connection], Any], *, alone: bool = False) -> None:
        self.fn = fn
        self.alone = alone
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Answer the caller; runs in the caller's event loop."""
        if self.future.done():  # the caller was cancelled
            return
        if self.error is None:
            self.future.set_result(self.result)
        elif isinstance(self.error, StopIteration):  # which no future can carry
            self.future.set_exception(RuntimeError("a write ended an iteration that was not its own"))
        else:
            self.future.set_exception(self.error)


class Writer:
    """A thread with the only connection that writes. Usable from any number of event loops."""

    def __init__(self, engine: Engine, most_together: int = MOST_TOGETHER, most_seconds: float | None = None) -> None:
        """Start the thread. `engine` should begin transactions with the write lock taken.

        One caller may hold the writer for `most_seconds`, or until it leaves, a statement that writes to its end; with
        None for any time, there or not.
        """
        self._engine = engine
        self._most_together = most_together
        self._deadline = Deadline(engine, most_seconds)
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in one transaction and answer its result after the commit.

        Whatever `fn` raises undoes its changes and is raised here. StoreUnavailable when the commit failed, or when
        `fn` took too long.
        """
        result: T = await self._queued(_Write(fn))
        return result

    async def run_alone(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` between two commits, on the connection but in no transaction: for what SQLite does only there."""
        result: T = await self._queued(_Write(fn, alone=True))
        return result

    def waiting(self) -> int:
        """How many writes are queued."""
        return self._queue.qsize()

    async def _queued(self, write: _Write) -> Any:
        with self._closing:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            self._queue.put(write)
        return await write.future

    def close(self) -> None:
        """Finish what is queued, then stop. Blocks until then; closing twice is harmless."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._take()) is not None:
            while batch:
                done = self._commit(batch)
                _answer(batch[:done])
                batch = batch[done:]

    def _take(self) -> list[_Write] | None:
        """Wait for a write and take with it those already queued. None when closed and nothing is left."""
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < self._most_together:
            try:
                write = self._queue.get_nowait()
            except Empty:
                break
            if write is None:
                self._queue.put(None)  # nothing is queued after it: it is met again once this batch is done
                break
            batch.append(write)
        return batch

    def _commit(self, batch: Sequence[_Write]) -> int:
        """Do the first of these together, or one that has to be alone; answers how many were done, or failed."""
        if batch[0].alone:
            self._run_alone(batch[0])
            return 1
        return self._commit_together(list(takewhile(lambda write: not write.alone, batch)))

    def _run_alone(self, write: _Write) -> None:
        try:
            with self._engine.connect() as connection:
                write.result = write.fn(connection)
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread; the others are committed
            write.error = as_intended(error) if isinstance(error, Exception) else _lost(error)

    def _commit_together(self, batch: Sequence[_Write]) -> int:
        """Commit the first of these, as many as there is time for; answers how many were, or are lost together."""
        begun = 0
        try:
            with self._engine.begin() as connection:
                began = monotonic()
                for write in batch:
                    if begun and monotonic() - began > TOGETHER_SECONDS:
                        break
                    begun += 1
                    # A caller who left before its write began gets none; one who leaves later may find it done.
                    if not write.future.cancelled():
                        _attempt(connection, write, self._deadline)
        except BaseException as error:  # noqa: BLE001 - whatever it is, no caller may be left waiting
            # Where not even the transaction began, the others would only wait for the same, one after the other.
            begun = begun or len(batch)
            for write in batch[:begun]:
                write.error = write.error or _lost(error)
        return begun


def _attempt(connection: Connection, write: _Write, deadline: Deadline) -> None:
    """Run one write in a savepoint. Raises only when the whole transaction is gone.

    Some failures (a full disk) make SQLite undo the transaction, savepoints included. Then rolling back to
    this savepoint fails too, which is what tells the writer that the earlier writes are lost as well.
    """
    # Straight to the driver: SQLAlchemy compiles each of its savepoints anew, which costs more than an insert.
    driver = connection.connection
    _send(driver, "SAVEPOINT one_write")
    try:
        with deadline.running(write.future.cancelled):
            write.result = write.fn(connection)
    except Exception as error:  # noqa: BLE001 - it is raised again, in the caller's thread
        _send(driver, "ROLLBACK TO one_write")
        write.error = as_intended(error)
    _send(driver, "RELEASE one_write")


def _send(driver: DBAPIConnection, statement: str) -> None:
    driver.cursor().execute(statement)


def _lost(error: BaseException) -> StoreUnavailable:
    """What a caller is told whose write was undone through no fault of its own."""
    lost = StoreUnavailable("the database could not commit what was to be written")
    lost.__cause__ = error
    return lost


def _answer(batch: Sequence[_Write]) -> None:
    """Wake each event loop once, however many of its callers are answered."""
    for loop in {write.loop for write in batch}:
        writes = [write for write in batch if write.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, writes)
        except RuntimeError:  # that loop is closed: nobody is waiting there any more
            continue


def _settle(writes: Sequence[_Write]) -> None:
    for write in writes:
        write.settle()
