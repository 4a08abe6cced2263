"""Days of the clinic's calendar, as commands are given them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from app.cli.rooms import Rooms
from app.errors import InputError
from app.store import Period

DAY: Final = ["%Y-%m-%d"]
"""How a day is written, for an option's `formats`."""


def period_of(rooms: Rooms, first: datetime | None, last: datetime | None) -> Period:
    """From the start of the first day to the end of the last. InputError when that ends before it starts."""
    if first is not None and last is not None and last < first:
        raise InputError("--to is a day before --from; they are the first and the last day, both included")
    zone = rooms.now().tzinfo
    try:
        start = None if first is None else first.replace(tzinfo=zone).astimezone(UTC)
        end = None if last is None else (last + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise InputError("--from and --to are days of the years 2 to 9998") from None
    return Period(start, end)
