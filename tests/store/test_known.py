"""What a process remembers of patients, and for how long."""

from __future__ import annotations

from app.store.patients.known import SECONDS, KnownPatients
from app.store.protection.keyring import make_patient_key


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_key_is_let_go_a_minute_after_it_was_remembered_last_and_found_no_more() -> None:
    clock = Clock()
    known = KnownPatients(clock)
    first, second = (make_patient_key("local", name) for name in ("first", "second"))
    known.remember("local", "MRN-1", first)
    known.remember("local", "MRN-2", second)
    clock.seconds += SECONDS - 1
    known.remember("local", "MRN-1", first)
    clock.seconds += 1
    assert known.find("local", "MRN-2") is None
    assert known.find("local", "MRN-1") is first
    known.forget_old()
    assert len(known) == 1
    clock.seconds += SECONDS
    known.forget_old()
    assert len(known) == 0


def test_a_key_is_of_one_clinic_and_one_reference_and_forgotten_when_asked() -> None:
    known = KnownPatients(Clock())
    key = make_patient_key("local", "first")
    known.remember("local", "MRN-1", key)
    known.remember("local", None, key)
    assert known.find("other", "MRN-1") is None
    assert known.find("local", None) is None
    known.forget("local", "MRN-1")
    known.forget("local", "MRN-1")
    assert (known.find("local", "MRN-1"), len(known)) == (None, 0)


def test_only_so_many_are_remembered_and_the_last_of_them() -> None:
    known = KnownPatients(Clock())
    for number in range(3_000):
        known.remember("local", str(number), make_patient_key("local", str(number)))
    assert len(known) == 2_048
    assert known.find("local", "951") is None
    assert known.find("local", "952") is not None
