"""What was so a moment ago: a memory that forgets by age and never grows beyond its size."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key. Moments are seconds of one monotonic clock.

    Args:
        seconds: for how long a value is remembered.
        size: how many values at most; the one that was put first goes first.
    """

    def __init__(self, seconds: float, size: int) -> None:
        self._seconds = seconds
        self._size = size
        self._values: dict[K, tuple[float, V]] = {}

    def get(self, key: K, at: float) -> V | None:
        """The value of `key` if it was put less than `seconds` before `at`."""
        put_at, value = self._values.get(key, (None, None))
        return value if put_at is not None and at - put_at < self._seconds else None

    def forget(self, key: K) -> None:
        """No longer remember a value, if there is one."""
        self._values.pop(key, None)

    def put(self, key: K, value: V, at: float) -> None:
        """Remember a value that was so at `at`."""
        self._values.pop(key, None)
        while len(self._values) >= self._size:
            del self._values[next(iter(self._values))]
        self._values[key] = (at, value)
