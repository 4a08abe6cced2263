"""Letting go of patients' keys that this process remembers, other processes' erasures included."""

from __future__ import annotations

import asyncio
from typing import Final

from app.store import Database

EVERY_SECONDS: Final = 10.0


async def forget_forever(database: Database, every: float = EVERY_SECONDS) -> None:
    """Let go of the keys of patients not seen lately, again and again, until cancelled."""
    while True:
        await asyncio.sleep(every)
        database.forget_patients()
