from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import Damaged
from app.store.protection import PatientKey
from app.store.protection.keyring import make_patient_key
from app.store.protection.patient_key import body_of, note_of, review_of
from app.store.protection.sealing import seal, unseal

KEY = make_patient_key("local", "patient-1")
PLACES = st.sampled_from(
    ["reference", body_of("c-1", 1), body_of("c-1", 2), note_of("c-1", 1), review_of("c-1", "r-1")]
)


@given(st.binary(max_size=3_000), PLACES)
@example(b"", "reference")
@example(b"\x00" * 3_000, "reference")
def test_what_was_sealed_opens_where_it_was_sealed_for(plain: bytes, place: str) -> None:
    sealed = KEY.seal(plain, place)
    assert KEY.open(sealed, place) == plain
    assert KEY.seal(plain, place) != sealed


def test_threads_that_seal_at_once_get_what_is_their_own() -> None:
    plain = [bytes([number]) * 100_000 for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(KEY.seal, plain, map(str, range(200))))
    assert [KEY.open(each, str(number)) for number, each in enumerate(sealed)] == plain


@given(st.binary(max_size=200), st.data())
def test_one_flipped_bit_anywhere_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plain, "reference"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        KEY.open(bytes(sealed), "reference")


@given(st.binary(max_size=200), st.data())
def test_what_was_cut_short_or_added_to_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = KEY.seal(plain, "reference")
    length = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:length], sealed + data.draw(st.binary(min_size=1, max_size=20))):
        with pytest.raises(Damaged):
            KEY.open(changed, "reference")


@given(st.binary(max_size=200), PLACES, PLACES)
def test_a_value_that_was_moved_to_another_place_is_refused(plain: bytes, place: str, elsewhere: str) -> None:
    sealed = KEY.seal(plain, place)
    if place == elsewhere:
        assert KEY.open(sealed, elsewhere) == plain
        return
    with pytest.raises(Damaged):
        KEY.open(sealed, elsewhere)


@pytest.mark.parametrize(
    "other",
    [
        PatientKey("local", "patient-2", KEY.secret),
        PatientKey("other", "patient-1", KEY.secret),
        make_patient_key("local", "patient-1"),
    ],
    ids=["another patient", "another clinic", "another key"],
)
def test_a_value_of_somebody_else_is_refused(other: PatientKey) -> None:
    with pytest.raises(Damaged):
        other.open(KEY.seal(b"L4-L5", "reference"), "reference")


@given(st.binary(max_size=100))
def test_bytes_that_nobody_sealed_are_refused(found: bytes) -> None:
    with pytest.raises(Damaged):
        KEY.open(found, "reference")


def test_what_was_sealed_properly_but_never_compressed_is_refused() -> None:
    sealed = seal(KEY.secret, b"plain", "here")
    assert unseal(KEY.secret, sealed, "here") == b"plain"
    with pytest.raises(Damaged):
        unseal(KEY.secret, sealed, "there")


def test_a_key_does_not_show_itself() -> None:
    assert str(KEY.secret) not in repr(KEY)
    assert "secret" not in repr(KEY)
