from __future__ import annotations

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import KeysMissing
from app.store.protection import Keyring, make_master_key, read_keyring
from app.store.protection.keyring import make_patient_key

FIRST, SECOND = make_master_key("first"), make_master_key("second")
REFERENCES = st.text(min_size=1, max_size=64)
CLINICS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)


def test_a_ring_reads_lines_and_commas_and_passes_over_remarks() -> None:
    for text in (f"{FIRST}\n{SECOND}", f"# ours\n\n {FIRST} # current\n{SECOND}\n", f"{FIRST},{SECOND}"):
        ring = read_keyring(text)
        assert ring.current.key_id == "first"
        assert [key.key_id for key in ring.keys] == ["first", "second"]


@given(st.text(st.characters(exclude_characters=",#"), max_size=80).filter(lambda text: len(text.splitlines()) < 2))
def test_a_line_that_cannot_be_read_is_named_by_its_number_and_never_repeated(written: str) -> None:
    line = f"zq{written}qz"
    with pytest.raises(KeysMissing) as refused:
        read_keyring(f"{FIRST}\n{line}\n{SECOND}")
    assert "line 2 " in str(refused.value)
    assert line not in str(refused.value)


SLIPS = {
    "one letter is missing": FIRST[:-2] + "=",
    "the end is missing": FIRST[:-1],
    "a letter that base64 has not": FIRST[:-3] + "!=",
    "no colon": FIRST.replace(":", "="),
    "an id in capitals": FIRST.replace("first", "FIRST"),
    "something is added": FIRST + FIRST[-8:],
    "half a key": "first:" + b64encode(bytes(range(16))).decode(),
}


@pytest.mark.parametrize("spoilt", SLIPS.values(), ids=SLIPS)
def test_a_key_with_a_slip_is_refused_without_showing_any_of_it(spoilt: str) -> None:
    with pytest.raises(KeysMissing) as refused:
        read_keyring(spoilt)
    secret = FIRST.partition(":")[2]
    parts = [secret[at : at + 6] for at in range(len(secret) - 5)]
    assert not [part for part in parts if part in str(refused.value)]


@pytest.mark.parametrize("text", ["", "# nothing\n\n", f"{FIRST}\n{make_master_key('first')}"])
def test_no_key_or_two_of_one_id_make_no_ring(text: str) -> None:
    with pytest.raises(KeysMissing, match="no master key, or two with the same id"):
        read_keyring(text)


def test_a_patient_s_key_opens_with_its_own_master_key_and_clinic_and_id_only() -> None:
    ring = read_keyring(FIRST)
    key = make_patient_key("local", "patient-1")
    wrapped = ring.wrap(key)
    assert read_keyring(f"{SECOND}\n{FIRST}").unwrap("local", "patient-1", "first", wrapped) == key
    for clinic, patient_id in (("other", "patient-1"), ("local", "patient-2")):
        with pytest.raises(KeysMissing, match="does not open with the master key first"):
            ring.unwrap(clinic, patient_id, "first", wrapped)
    with pytest.raises(KeysMissing, match="under the master key first, which is not among those given"):
        read_keyring(SECOND).unwrap("local", "patient-1", "first", wrapped)
    with pytest.raises(KeysMissing, match="another key had that id"):
        read_keyring(make_master_key("first")).unwrap("local", "patient-1", "first", wrapped)


@given(REFERENCES, CLINICS, CLINICS)
def test_a_reference_has_one_index_in_a_clinic_and_another_in_the_next(reference: str, one: str, two: str) -> None:
    key = read_keyring(FIRST).current
    assert key.blind_index(one, reference) == key.blind_index(one, reference)
    assert len(key.blind_index(one, reference)) == 32
    assert (key.blind_index(one, reference) == key.blind_index(two, reference)) == (one == two)


@given(CLINICS, REFERENCES, REFERENCES)
def test_two_references_have_two_indices(clinic: str, one: str, two: str) -> None:
    key = read_keyring(FIRST).current
    assert (key.blind_index(clinic, one) == key.blind_index(clinic, two)) == (one == two)


def test_an_index_cannot_be_told_without_its_master_key() -> None:
    ring = read_keyring(f"{FIRST}\n{SECOND}")
    indices = ring.blind_indices("local", "MRN-1042")
    assert indices == [key.blind_index("local", "MRN-1042") for key in ring.keys]
    assert len(set(indices)) == 2


def test_each_purpose_has_a_key_of_its_own_and_none_is_the_master_key() -> None:
    keys = read_keyring(f"{FIRST}\n{SECOND}").keys
    derived = [
        each
        for key in keys
        for each in (key.wrapping, key.indexing, key.auditing, key.answering, key.recognising, key.secret)
    ]
    assert len(set(derived)) == 2 * 6
    assert {len(each) for each in derived} == {32}


def test_a_ring_shows_ids_and_no_secret() -> None:
    ring = read_keyring(FIRST)
    shown = f"{ring!r} {ring.current!r} {ring.keys!r}"
    assert not re.search(r"secret|\\x", shown)
    assert FIRST.partition(":")[2] not in shown


def test_a_new_master_key_is_read_back_and_never_made_twice() -> None:
    lines = {make_master_key("today") for _ in range(50)}
    assert len(lines) == 50
    for line in lines:
        assert isinstance(read_keyring(line), Keyring)
