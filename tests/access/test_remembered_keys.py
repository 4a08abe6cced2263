from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.access import Gatekeeper, StoredKey, rotate
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
