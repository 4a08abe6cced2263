"""How often something happened in the last minute to each of many names, as two numbers a name."""

from __future__ import annotations

import math
from time import monotonic

_MINUTE = 60.0
_MOST_NAMES = 10_000
_MOMENT = 0.001


class SlidingMinute:
    """A sliding window counter: of the minute before counts the share that the last sixty seconds still reach into.

    Nothing is walked over and nothing runs beside it: once a minute the counts of now become those of before.
    """

    def __init__(self, most: int) -> None:
        """Allow each name so many times a minute."""
        self.most = most
        self._minute = 0.0
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Count one more, if there is room for it."""
        if not self.has_room(name):
            return False
        # Somebody with this many addresses has as many budgets anyway, so starting anew gives away little.
        if len(self._now) >= _MOST_NAMES:
            self._now, self._before = {}, {}
        self._now[name] = self._now.get(name, 0) + 1
        return True

    def has_room(self, name: str) -> bool:
        """Whether one more is allowed."""
        share = self._left() / _MINUTE
        return self._now.get(name, 0) + self._before.get(name, 0) * share < self.most

    def wait(self, name: str) -> int:
        """Whole seconds after which there is room for a name without any, if nobody takes it."""
        left = self._left()
        now, before = self._now.get(name, 0), self._before.get(name, 0)
        seconds = left - (self.most - now) * _MINUTE / before if before and now < self.most else left
        return max(1, math.floor(seconds + _MOMENT) + 1)

    def _left(self) -> float:
        """Bring the counts up to the present; the seconds that are left of this minute."""
        minute, gone = divmod(monotonic(), _MINUTE)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else {}
            self._now, self._minute = {}, minute
        return _MINUTE - gone
