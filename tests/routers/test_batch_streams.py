"""Batches over real connections: what is read and written when, and what is left of a caller who leaves."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.access import Scope
from app.models import LOCAL_CLINIC
from app.routers.batch import MOST_OF_A_CLINIC
from app.services.keys.clinics import create_key
from app.store import open_database
from bench.bodies import pool
from tests.processes.breaking import hold_file
from tests.processes.service import RunningService
from tests.stores import FIRST_MOMENT, KEYRING, MASTER_KEYS

BODIES = [orjson.dumps(body) for body in pool(12, seed=8)]
HEAD = (
    "POST /v1/consultations:batch HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n{more}\r\n"
)


@pytest.fixture(scope="module")
def file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("batches") / "store.db")


@pytest.fixture(scope="module")
def running(file: Path) -> Iterator[RunningService]:
    """A real service, which waits a tenth of a second for a file that somebody else writes to."""
    settings = {
        "DATABASE_URL": f"sqlite:///{file}?timeout=0.1",
        "MASTER_KEYS": MASTER_KEYS,
        "BODY_SECONDS": "2",
        "LOG_LEVEL": "warning",
    }
    with RunningService(file.parent, settings) as service:
        yield service


@pytest.fixture
async def key(file: Path) -> str:
    database = open_database(f"sqlite:///{file}", KEYRING)
    try:
        return (await create_key(database, LOCAL_CLINIC, "a test", frozenset(Scope), FIRST_MOMENT, None)).text
    finally:
        await database.close()


class Connection:
    """One request of a caller who decides for itself when to send and when to read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, content: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(content), content))
        await self._writer.drain()

    async def finish(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def read_status(self) -> int:
        head = await self._reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    async def read_results(self) -> list[Any]:
        """Those of the next piece; none at the end of the answer."""
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        piece = await self._reader.readexactly(size + 2)
        return [orjson.loads(line) for line in piece.split(b"\n") if line.strip()]

    async def read_all(self) -> list[Any]:
        results = []
        while piece := await self.read_results():
            results += piece
        return results

    def leave(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def connect(running: RunningService, key: str, more: str = "") -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(HEAD.format(key=key, more=more).encode())
    async with asyncio.timeout(60):
        try:
            yield Connection(reader, writer)
        finally:
            writer.transport.abort()


def ask(file: Path, question: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(question).fetchone()[0])


def stored(file: Path) -> int:
    return ask(file, "SELECT count(*) FROM consultations")


def told(file: Path) -> int:
    return ask(file, "SELECT count(*) FROM audit_events WHERE action = 'consultation.recorded'")


async def test_a_line_is_answered_while_the_next_one_is_not_sent_yet(running: RunningService, key: str) -> None:
    async with connect(running, key) as connection:
        await connection.send(BODIES[0] + b"\n")
        assert await connection.read_status() == 200
        (first,) = await connection.read_results()
        await connection.send(b"not JSON\n" + BODIES[1][:40])
        (second,) = await connection.read_results()
        await connection.send(BODIES[1][40:])
        await connection.finish()
        (third,) = await connection.read_all()
    assert [(each["line"], each["status"]) for each in (first, second, third)] == [(1, 201), (2, 400), (3, 201)]


async def test_a_caller_who_waits_to_be_asked_for_the_body_is_asked(running: RunningService, key: str) -> None:
    async with connect(running, key, "Expect: 100-continue\r\n") as connection:
        assert await connection.read_status() == 100
        await connection.send(BODIES[0])
        await connection.finish()
        assert await connection.read_status() == 200
        assert [result["status"] for result in await connection.read_all()] == [201]


async def test_a_caller_who_stops_sending_is_cut_off(running: RunningService, key: str, file: Path) -> None:
    before = stored(file)
    async with connect(running, key) as connection:
        await connection.send(BODIES[0] + b"\n" + BODIES[1][:40])
        assert await connection.read_status() == 200
        assert len(await connection.read_results()) == 1
        with pytest.raises(asyncio.IncompleteReadError):
            await connection.read_results()
    assert stored(file) == before + 1


async def test_lines_that_the_store_could_not_take_are_stored_when_they_are_sent_again(
    running: RunningService, key: str, file: Path
) -> None:
    before = stored(file)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": "nightly",
    }
    content = b"\n".join(BODIES)
    async with httpx.AsyncClient(base_url=running.address, headers=headers, trust_env=False, timeout=30) as client:

        async def send() -> list[Any]:
            answer = await client.post("/v1/consultations:batch", content=content)
            assert answer.status_code == 200
            return [orjson.loads(line) for line in answer.content.splitlines()]

        # So that the key is known while the store is held.
        assert (await client.get("/v1/consultations")).status_code == 200
        with hold_file(file):
            refused = await send()
        assert {(each["status"], each["problem"]["code"]) for each in refused} == {(503, "store-unavailable")}
        assert all(each["retry_after"] >= 1 for each in refused)
        assert stored(file) == before
        first, again = await send(), await send()
    assert [each["status"] for each in first] == [201] * len(BODIES)
    assert again == first
    assert stored(file) == before + len(BODIES)


async def test_one_clinic_has_a_few_batches_at_once_and_its_calls_go_on(running: RunningService, key: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(MOST_OF_A_CLINIC):
            connection = await stack.enter_async_context(connect(running, key))
            await connection.send(BODIES[0] + b"\n")
            assert await connection.read_status() == 200
        one_more = await stack.enter_async_context(connect(running, key))
        await one_more.send(BODIES[0] + b"\n")
        assert await one_more.read_status() == 429
        async with httpx.AsyncClient(base_url=running.address, headers={"Authorization": f"Bearer {key}"}) as client:
            assert (await client.get("/v1/consultations")).status_code == 200


async def test_of_a_caller_who_leaves_whole_lines_are_stored(running: RunningService, key: str, file: Path) -> None:
    before = stored(file), told(file)
    async with connect(running, key) as connection:
        await connection.send(b"\n".join(BODIES[:4]) + b"\n" + BODIES[4][:-1])
        assert await connection.read_status() == 200
        results = await connection.read_results()
        while results[-1]["line"] < 4:
            results += await connection.read_results()
        connection.leave()
    # The service stops only when what was begun is done; so this test is the last of those that share it.
    assert running.stop() == 0
    assert (stored(file), told(file)) == (before[0] + 4, before[1] + 4)
    assert "incident" not in running.said()
