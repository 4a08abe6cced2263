"""Keys of patients seen lately, which spares looking them up for the next consultation of each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final

from app.store.protection import PatientKey

_MOST: Final = 2_048
SECONDS: Final = 60.0
"""For so long a key is remembered, also one that another process destroyed meanwhile."""


class KnownPatients:
    """By clinic and reference. Usable from any thread.

    A key that was destroyed meanwhile is of no use here: the row that a new consultation points at is gone, so that its
    foreign key refuses it, and whoever was refused forgets the key and begins again.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """`now` tells seconds."""
        self._now = now
        self._lock = Lock()
        self._keys: OrderedDict[tuple[str, str], tuple[float, PatientKey]] = OrderedDict()

    def find(self, clinic: str, reference: str | None) -> PatientKey | None:
        """The key of a patient seen lately; None without a reference."""
        if reference is None:
            return None
        with self._lock:
            found = self._keys.get((clinic, reference))
        return None if found is None or self._is_old(found[0]) else found[1]

    def remember(self, clinic: str, reference: str | None, key: PatientKey) -> None:
        """Keep the key for SECONDS, or until many others have come."""
        if reference is None:
            return
        with self._lock:
            self._keys.pop((clinic, reference), None)
            self._keys[clinic, reference] = (self._now(), key)
            if len(self._keys) > _MOST:
                self._keys.popitem(last=False)

    def forget(self, clinic: str, reference: str | None) -> None:
        """Look the patient up again next time."""
        if reference is not None:
            with self._lock:
                self._keys.pop((clinic, reference), None)

    def forget_old(self) -> None:
        """Let go of the keys that were remembered for long enough."""
        with self._lock:
            while self._keys and self._is_old(next(iter(self._keys.values()))[0]):
                self._keys.popitem(last=False)

    def __len__(self) -> int:
        return len(self._keys)

    def _is_old(self, since: float) -> bool:
        return since + SECONDS <= self._now()
