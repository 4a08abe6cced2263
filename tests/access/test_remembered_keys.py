from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.access import Gatekeeper, StoredKey, rotate
from app.errors import StoreUnavailable, Unauthenticated
from tests.access.clock import NOW, Clock
from tests.access.keeping import UNKNOWN, Keys, open_gate, refusal


def texts_held_by(gate: Gatekeeper) -> set[bytes]:
    """Every text that can be reached from `gate` through the objects of its room."""
    texts: set[bytes] = set()
    seen: set[int] = set()
    left: list[Any] = [gate]
    while left:
        found = left.pop()
        if isinstance(found, str | bytes):
            texts.add(found.encode() if isinstance(found, str) else found)
        elif id(found) not in seen and (
            isinstance(found, dict | tuple | list | set) or type(found).__module__.startswith("app.access")
        ):
            seen.add(id(found))
            left += gc.get_referents(found)
    return texts


async def until_asked(held: Keys, times: int) -> None:
    """Go on once the store has been asked so often."""
    async with asyncio.timeout(10):
        while len(held.asked) < times:  # noqa: ASYNC110 - a store in memory tells nobody
            await asyncio.sleep(0)


def ending_late(held: Keys, *ends: asyncio.Event) -> Callable[[str, str], Awaitable[StoredKey | None]]:
    """A look-up that sees what is stored when it begins, and ends with its event; the last is that of all after it."""

    async def find(clinic: str, key_id: str) -> StoredKey | None:
        stored, end = await held.find(clinic, key_id), ends[min(len(held.asked), len(ends)) - 1]
        await end.wait()
        return stored

    return find


async def test_a_revocation_works_within_two_seconds(gate: Gatekeeper, held: Keys, clock: Clock) -> None:
    shown, stored = held.make()
    await gate.admit(f"Bearer {shown}")
    held.keep(replace(stored, revoked_at=clock.now()))
    clock.go_on(1.9)
    assert (await gate.admit(f"Bearer {shown}")).subject == stored.key_id
    clock.go_on(0.1)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN


async def test_a_key_in_use_is_looked_up_once_in_two_seconds(gate: Gatekeeper, held: Keys, clock: Clock) -> None:
    shown, _ = held.make()
    for _ in range(40):
        await gate.admit(f"Bearer {shown}")
        clock.go_on(0.25)
    assert len(held.asked) == 5


async def test_a_slow_look_up_does_not_lengthen_the_life_of_a_revoked_key(held: Keys, clock: Clock) -> None:
    async def find_slowly(clinic: str, key_id: str) -> StoredKey | None:
        found = await held.find(clinic, key_id)
        clock.go_on(1.5)
        return found

    gate = open_gate(held, clock, find_key=find_slowly)
    shown, stored = held.make()
    await gate.admit(f"Bearer {shown}")
    held.keep(replace(stored, revoked_at=clock.now()))
    clock.go_on(0.5)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN


async def test_all_who_show_a_key_at_once_are_let_in_by_one_look_up(held: Keys, clock: Clock) -> None:
    found = asyncio.Event()
    gate = open_gate(held, clock, find_key=ending_late(held, found))
    shown, stored = held.make()
    first, *others = [asyncio.ensure_future(gate.admit(f"Bearer {shown}")) for _ in range(64)]
    wrong = asyncio.ensure_future(gate.admit(f"Bearer {shown[:-1]}{'a' if shown[-1] != 'a' else 'b'}"))
    await until_asked(held, 2)
    first.cancel()
    clock.go_on(1.9)
    found.set()
    assert {caller.subject for caller in await asyncio.gather(*others)} == {stored.key_id}
    with pytest.raises(Unauthenticated, match=UNKNOWN):
        await wrong
    assert len(held.asked) == 2
    held.keep(replace(stored, revoked_at=clock.now()))
    clock.go_on(0.1)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN


async def test_who_comes_two_seconds_after_a_look_up_began_does_not_rely_on_it(held: Keys, clock: Clock) -> None:
    found = asyncio.Event()
    gate = open_gate(held, clock, find_key=ending_late(held, found))
    shown, stored = held.make()
    before = asyncio.ensure_future(gate.admit(f"Bearer {shown}"))
    await until_asked(held, 1)
    held.keep(replace(stored, revoked_at=clock.now()))
    clock.go_on(2)
    after = asyncio.ensure_future(gate.admit(f"Bearer {shown}"))
    await until_asked(held, 2)
    found.set()
    assert (await before).subject == stored.key_id
    with pytest.raises(Unauthenticated, match=UNKNOWN):
        await after


async def test_a_store_that_fails_fails_all_who_wait_and_is_asked_again(held: Keys, gate: Gatekeeper) -> None:
    shown, stored = held.make()
    held.fault = StoreUnavailable("away")
    told = await asyncio.gather(*(gate.admit(f"Bearer {shown}") for _ in range(8)), return_exceptions=True)
    assert [type(each) for each in told] == [StoreUnavailable] * 8
    assert len(held.asked) == 1
    held.fault = None
    assert (await gate.admit(f"Bearer {shown}")).subject == stored.key_id


async def test_a_slow_look_up_that_ends_does_not_end_the_sharing_of_the_next_one(held: Keys, clock: Clock) -> None:
    ends = [asyncio.Event() for _ in range(3)]
    gate = open_gate(held, clock, find_key=ending_late(held, *ends))
    shown, _ = held.make()
    first = asyncio.ensure_future(gate.admit(f"Bearer {shown}"))
    await until_asked(held, 1)
    clock.go_on(3)
    others = [asyncio.ensure_future(gate.admit(f"Bearer {shown}"))]
    await until_asked(held, 2)
    ends[0].set()
    await first
    others.append(asyncio.ensure_future(gate.admit(f"Bearer {shown}")))
    await asyncio.sleep(0)
    ends[1].set()
    ends[2].set()
    await asyncio.gather(*others)
    assert len(held.asked) == 2


async def test_a_look_up_that_fails_once_everybody_has_left_is_no_error_of_the_loop(held: Keys, clock: Clock) -> None:
    loop, told, ended = asyncio.get_running_loop(), list[object](), asyncio.Event()
    loop.set_exception_handler(lambda _, context: told.append(context))

    async def fail_late(clinic: str, key_id: str) -> StoredKey | None:
        await held.find(clinic, key_id)
        await ended.wait()
        raise StoreUnavailable("away")

    gate = open_gate(held, clock, find_key=fail_late)
    caller = asyncio.ensure_future(gate.admit(f"Bearer {held.make()[0]}"))
    await until_asked(held, 1)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    del caller  # whose traceback would keep the look-up
    ended.set()
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    assert told == []


async def test_a_key_expires_on_time_although_it_is_remembered(gate: Gatekeeper, held: Keys, clock: Clock) -> None:
    shown, _ = held.make(expires_at=NOW + timedelta(seconds=1))
    await gate.admit(f"Bearer {shown}")
    clock.go_on(1)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN


async def test_both_keys_of_a_rotation_work_until_the_overlap_ends(gate: Gatekeeper, held: Keys, clock: Clock) -> None:
    shown, stored = held.make()
    new_shown, new, old = rotate(stored, NOW, timedelta(hours=1))
    held.keep(new)
    held.keep(old)
    assert (await gate.admit(f"Bearer {shown}")).scopes == (await gate.admit(f"Bearer {new_shown}")).scopes
    clock.go_on(3600)
    assert await refusal(gate, f"Bearer {shown}") == UNKNOWN
    assert (await gate.admit(f"Bearer {new_shown}")).subject == new.key_id


async def test_what_is_remembered_holds_no_secret_and_does_not_grow_without_end(
    gate: Gatekeeper, held: Keys, clock: Clock
) -> None:
    shown = [held.make()[0] for _ in range(1500)]
    for text in shown:
        await gate.admit(f"Bearer {text}")
    await gate.close()
    held.asked.clear()
    for text in shown[:100] + shown[-100:]:
        await gate.admit(f"Bearer {text}")
    assert len(held.asked) == 100  # the oldest were forgotten, the newest were not
    texts = texts_held_by(gate)
    assert len(texts) > 1024
    secrets = {text.rpartition(".")[2].encode() for text in shown}
    assert not [text for text in texts if text.rpartition(b".")[2] in secrets]


async def test_the_last_use_is_noted_once_a_minute_for_each_key(gate: Gatekeeper, held: Keys, clock: Clock) -> None:
    (shown, stored), (other, second) = held.make(), held.make()
    for _ in range(60):
        await gate.admit(f"Bearer {shown}")
        clock.go_on(1.5)
    await gate.admit(f"Bearer {other}")
    await gate.close()
    assert held.used == [
        (stored.key_id, NOW),
        (stored.key_id, NOW + timedelta(seconds=60)),
        (second.key_id, NOW + timedelta(seconds=90)),
    ]


async def test_a_use_that_cannot_be_noted_refuses_nobody(
    gate: Gatekeeper, held: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    shown, stored = held.make()
    await gate.admit(f"Bearer {shown}")
    held.fault = RuntimeError("the disk is full of MRN-1042")
    await gate.close()
    assert (await gate.admit(f"Bearer {shown}")).subject == stored.key_id
    assert f"the last use of key {stored.key_id} could not be noted: RuntimeError" in caplog.text
    assert "MRN-1042" not in caplog.text


async def test_nobody_waits_for_a_use_to_be_noted(held: Keys, clock: Clock) -> None:
    written = asyncio.Event()

    async def note_late(key: StoredKey, moment: datetime) -> None:
        await written.wait()
        await held.note_use(key, moment)

    gate = open_gate(held, clock, note_use=note_late)
    shown, stored = held.make()
    assert (await gate.admit(f"Bearer {shown}")).subject == stored.key_id
    assert held.used == []
    written.set()
    await gate.close()
    assert held.used == [(stored.key_id, NOW)]
