"""Keys of patients seen lately, which spares looking them up for the next consultation of each."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from app.store.protection import PatientKey

_MOST: Final = 2_048


class KnownPatients:
    """By clinic and reference. One thread remembers; any may forget.

    A key that was destroyed meanwhile is of no use here: the row that a new consultation points at is gone, so that its
    foreign key refuses it, and whoever was refused forgets the key and begins again.
    """

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[str, str], PatientKey] = OrderedDict()

    def find(self, clinic: str, reference: str | None) -> PatientKey | None:
        """The key of a patient seen lately; None without a reference."""
        return None if reference is None else self._keys.get((clinic, reference))

    def remember(self, clinic: str, reference: str | None, key: PatientKey) -> None:
        """Keep the key until many others have come."""
        if reference is None:
            return
        self._keys[clinic, reference] = key
        self._keys.move_to_end((clinic, reference))
        if len(self._keys) > _MOST:
            self._keys.popitem(last=False)

    def forget(self, clinic: str, reference: str | None) -> None:
        """Look the patient up again next time."""
        if reference is not None:
            self._keys.pop((clinic, reference), None)
