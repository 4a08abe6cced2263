"""Migrations of a database that is full: nothing is lost, whichever way they go and whenever they are cut off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.errors import Damaged, KeysMissing, StoreUnavailable
from app.store import Keyring, make_master_key, migrate, read_keyring
from tests.store.first_version import (
    FEW,
    FIRST_VERSION,
    all_rows,
    change,
    fill_first_version,
)
from tests.store.first_version_kept import check_whole
from tests.stores import KEYRING

MANY = {"sqlite": 255, "postgres": 60}
"""In each of two clinics. On SQLite more than a migration looks at together; over a connection that takes long."""


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a statement answers."""
    return change(url, lambda connection: [tuple(row) for row in connection.execute(text(statement))])


def test_what_was_readable_is_sealed_opened_byte_for_byte_and_sealed_again(empty_url: str, store_kind: str) -> None:
    many = MANY[store_kind]
    fill_first_version(empty_url, many)
    before = all_rows(empty_url)
    migrate(empty_url, KEYRING)
    check_whole(empty_url, many)
    migrate(empty_url, KEYRING, to=FIRST_VERSION)
    assert all_rows(empty_url) == before
    migrate(empty_url, KEYRING)
    check_whole(empty_url, many)
    if store_kind == "sqlite":
        assert run(empty_url, "PRAGMA integrity_check") == [("ok",)]
        assert run(empty_url, "PRAGMA foreign_key_check") == []


def test_migrating_a_filled_current_database_changes_nothing_in_it(empty_url: str) -> None:
    fill_first_version(empty_url)
    migrate(empty_url, KEYRING)
    before = all_rows(empty_url)
    migrate(empty_url, KEYRING)
    assert all_rows(empty_url) == before


def test_every_step_back_and_forth_keeps_what_its_schema_can_hold(empty_url: str) -> None:
    fill_first_version(empty_url)
    migrate(empty_url, KEYRING)
    for step in ("2026_11_28_audit", "2026_11_28_receipts_and_reviews", "2026_11_28_patients", "2026_11_28_clinics"):
        migrate(empty_url, KEYRING, to=step)
        migrate(empty_url, KEYRING)
        check_whole(empty_url, FEW)


def test_threads_that_migrate_a_filled_database_at_once_take_turns(empty_url: str) -> None:
    fill_first_version(empty_url)
    with ThreadPoolExecutor(3) as threads:
        for migrating in [threads.submit(migrate, empty_url, KEYRING) for _ in range(3)]:
            migrating.result(60)
    check_whole(empty_url, FEW)


OTHER_SECRET = read_keyring(make_master_key("k1"))
OTHER_ID = read_keyring(make_master_key("k2"))


@pytest.mark.parametrize("wrong", [OTHER_SECRET, OTHER_ID], ids=["another secret", "another id"])
def test_a_wrong_master_key_opens_nothing_and_does_no_harm(empty_url: str, wrong: Keyring) -> None:
    fill_first_version(empty_url)
    migrate(empty_url, KEYRING)
    before = all_rows(empty_url)
    with pytest.raises((KeysMissing, Damaged)):
        migrate(empty_url, wrong, to=FIRST_VERSION)
    assert all_rows(empty_url) == before
    check_whole(empty_url, FEW)


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    fill_first_version(empty_url)
    migrate(empty_url, KEYRING)
    run(empty_url, "UPDATE alembic_version SET version_num = '2999_newer' RETURNING 1")
    before = all_rows(empty_url)
    for to in ("head", FIRST_VERSION, "base"):
        with pytest.raises(StoreUnavailable, match="2999_newer"):
            migrate(empty_url, KEYRING, to=to)
    assert all_rows(empty_url) == before
