from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import Scope, StoredKey, is_clinic_id, make_key, parse_key, rotate, verify
from app.errors import InputError
from tests.access.clock import NOW

SCOPES = frozenset({Scope.TRIAGE})
DAY = timedelta(days=1)


def made(**changed: object) -> tuple[str, StoredKey]:
    shown, stored = make_key("north", "front desk", SCOPES, NOW)
    return shown, replace(stored, **changed)  # type: ignore[arg-type]  # fields by name


def secret_of(shown: str) -> str:
    parsed = parse_key(shown)
    assert parsed is not None
    return parsed[2]


def test_a_key_is_shown_in_a_form_that_scanners_can_find() -> None:
    shown, stored = made()
    assert re.fullmatch(r"st_north\.[a-z2-7]{12}\.[A-Za-z0-9_-]{43}", shown)
    assert parse_key(shown) == ("north", stored.key_id, secret_of(shown))


def test_nothing_of_the_secret_is_kept() -> None:
    shown, stored = made()
    assert secret_of(shown) not in repr(stored)
    assert secret_of(shown).encode() not in stored.secret_hash
    assert str(stored.secret_hash) not in repr(stored)


def test_no_two_keys_are_alike() -> None:
    keys = [made() for _ in range(200)]
    assert len({shown for shown, _ in keys}) == len({stored.key_id for _, stored in keys}) == 200


@pytest.mark.parametrize("clinic", ["a", "0", "north-2", "a" * 63])
def test_clinics_are_named_as_in_a_host_name(clinic: str) -> None:
    shown, _ = make_key(clinic, "front desk", SCOPES, NOW)
    parsed = parse_key(shown)
    assert is_clinic_id(clinic)
    assert parsed is not None
    assert parsed[0] == clinic


@pytest.mark.parametrize("clinic", ["", "-a", "North", "a.b", "a_b", "a" * 64, "a\n", "a b", "é", "٣"])
def test_other_names_are_no_clinic(clinic: str) -> None:
    assert not is_clinic_id(clinic)
    with pytest.raises(InputError, match="lower-case letters, digits and hyphens"):
        make_key(clinic, "front desk", SCOPES, NOW)


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 101])
def test_a_key_without_a_usable_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="1 to 100 printable"):
        make_key("north", name, SCOPES, NOW)


def test_a_key_that_may_do_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least one scope; the scopes are triage,"):
        make_key("north", "front desk", frozenset(), NOW)


def test_a_key_that_has_already_expired_is_not_made() -> None:
    with pytest.raises(InputError, match="before it is made"):
        make_key("north", "front desk", SCOPES, NOW, NOW)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("st_", "ST_"),
        ("st_", ""),
        ("st_", " st_"),
        ("st_", "st__"),
        ("north", "North"),
        ("north", ""),
        ("north", "n" * 64),
        ("north", "north.south"),
        ("north", "nórth"),
        ("SECRET", "SECRE"),
        ("SECRET", "SECRETS"),
        ("SECRET", "SECRE="),
        ("SECRET", "SECRET\n"),
        ("SECRET", "SECRET.more"),
        ("SECRET", "SECRET" * 10_000),
        (".abcdefghijkl.", ".abcdefghijkl"),
        (".abcdefghijkl.", ".abcdefghijk1."),
        (".abcdefghijkl.", "..abcdefghijkl."),
    ],
    ids=repr,
)
def test_text_that_is_almost_a_key_is_none(part: str, instead: str) -> None:
    text = f"st_north.abcdefghijkl.{'x' * 37}SECRET"
    assert parse_key(text) == ("north", "abcdefghijkl", "x" * 37 + "SECRET")
    assert parse_key(text.replace(part, instead)) is None


@given(st.text(max_size=200))
def test_any_text_is_read_as_none_or_as_just_its_parts(text: str) -> None:
    parsed = parse_key(text)
    assert parsed is None or text == f"st_{'.'.join(parsed)}"


def test_only_the_secret_itself_is_genuine() -> None:
    shown, stored = made()
    assert verify(stored, secret_of(shown), NOW)
    for other in ("", secret_of(made()[0]), secret_of(shown)[:-1], secret_of(shown) + "\0", "\ud800"):
        assert not verify(stored, other, NOW)


def test_a_key_works_until_the_moment_it_expires() -> None:
    shown, stored = made(expires_at=NOW + DAY)
    assert verify(stored, secret_of(shown), NOW + DAY - timedelta(microseconds=1))
    assert not verify(stored, secret_of(shown), NOW + DAY)


def test_a_revoked_key_stays_revoked_when_the_clock_steps_back() -> None:
    shown, stored = made(revoked_at=NOW)
    assert not verify(stored, secret_of(shown), NOW)
    assert not verify(stored, secret_of(shown), NOW - DAY)


def test_rotation_leaves_both_keys_valid_for_the_overlap_and_then_one() -> None:
    shown, stored = made()
    new_shown, new, old = rotate(stored, NOW, DAY)
    assert (new.clinic, new.name, new.scopes, new.expires_at) == ("north", "front desk", SCOPES, None)
    assert (old.key_id, old.expires_at, old.replaced_by) == (stored.key_id, NOW + DAY, new.key_id)
    just_before = NOW + DAY - timedelta(seconds=1)
    assert verify(old, secret_of(shown), just_before)
    assert verify(new, secret_of(new_shown), just_before)
    assert not verify(old, secret_of(shown), NOW + DAY)
    assert verify(new, secret_of(new_shown), NOW + DAY)
    assert not verify(new, secret_of(shown), NOW)


def test_rotation_never_lengthens_the_old_keys_life_and_gives_the_new_one_as_long() -> None:
    _, stored = make_key("north", "front desk", SCOPES, NOW, NOW + 90 * DAY)
    _, new, old = rotate(stored, NOW + 89 * DAY, 7 * DAY)
    assert old.expires_at == NOW + 90 * DAY
    assert new.expires_at == NOW + (89 + 90) * DAY


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"revoked_at": NOW}, "has expired or was revoked"),
        ({"expires_at": NOW}, "has expired or was revoked"),
        ({"replaced_by": "abcdefghijkl"}, "already replaced by abcdefghijkl"),
    ],
)
def test_a_key_that_is_over_is_not_rotated(changed: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        rotate(made(**changed)[1], NOW, DAY)


def test_a_negative_overlap_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        rotate(made()[1], NOW, -DAY)
