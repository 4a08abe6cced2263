from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.routers import line_results
from app.routers.edge.passage import open_passage, passage_of
from app.routers.line_results import MOST_WAITING_BYTES, LineResults, Tell

LINE = b"x" * 999 + b"\n"


class Caller:
    """Takes an answer, from when it is told to read on."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": []}
        open_passage(self.scope)
        self.reads = asyncio.Event()
        self.messages: list[Any] = []

    async def take(self, message: Any) -> None:
        await self.reads.wait()
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def has_end(self) -> bool:
        return bool(self.messages) and not self.messages[-1].get("more_body", True)


async def nothing() -> Any:
    raise AssertionError("the body is read by the work alone")


async def test_lines_wait_for_a_caller_who_sends_everything_before_it_reads() -> None:
    caller, lines = Caller(), MOST_WAITING_BYTES // len(LINE)

    async def work(tell: Tell) -> None:
        for _ in range(lines):
            await tell(LINE)
        caller.reads.set()

    await LineResults(work)(caller.scope, nothing, caller.take)
    assert caller.body == LINE * lines
    assert caller.has_end


async def test_the_work_waits_when_too_much_waits_for_the_caller() -> None:
    caller, told = Caller(), 0
    lines = 3 * MOST_WAITING_BYTES // len(LINE)

    async def work(tell: Tell) -> None:
        nonlocal told
        for _ in range(lines):
            told += 1
            await tell(LINE)

    answering = asyncio.create_task(LineResults(work)(caller.scope, nothing, caller.take))
    before = -1
    while told != before:
        before = told
        for _ in range(1_000):
            await asyncio.sleep(0)
    # What waits, as much again that is being sent, and the line that has to wait.
    assert told * len(LINE) <= 2 * (MOST_WAITING_BYTES + len(LINE)) + len(LINE)
    caller.reads.set()
    await answering
    assert caller.body == LINE * lines
    assert caller.has_end


async def test_a_caller_who_never_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_results, "MOST_WAITING_SECONDS", 0.05)
    caller = Caller()

    async def work(tell: Tell) -> None:
        while True:
            await tell(LINE)

    await LineResults(work)(caller.scope, nothing, caller.take)
    assert caller.messages == []
    assert passage_of(caller.scope).outcome == "cut-off"


async def test_what_goes_wrong_while_sending_is_raised() -> None:
    class Gone(Exception):
        pass

    async def take(_: Any) -> None:
        raise Gone

    async def work(tell: Tell) -> None:
        while True:
            await tell(LINE)

    with pytest.raises(Gone):
        await LineResults(work)(Caller().scope, nothing, take)


async def test_what_goes_wrong_at_work_is_raised_and_the_answer_has_no_end() -> None:
    caller = Caller()
    caller.reads.set()

    async def work(tell: Tell) -> None:
        await tell(LINE)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it is this one
        await LineResults(work)(caller.scope, nothing, caller.take)
    assert not caller.has_end
