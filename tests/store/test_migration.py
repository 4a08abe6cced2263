"""Migrations go up, down and up again, and end at the tables that the program is written for."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.errors import StoreUnavailable
from app.models import LOCAL_CLINIC, metadata
from app.store import Database, every_clinic, expected_revision, has_patients, migrate, newest_revision, open_database
from tests.store.checking import check, schema
from tests.store.first_version import all_rows, change, fill_first_version
from tests.store.samples import add, judged, new_id
from tests.stores import KEYRING, StoreUrls, only_postgres, only_sqlite

ROOT = Path(__file__).resolve().parents[2]


def alembic(file: Path) -> Config:
    """Alembic as its own command line uses it."""
    config = Config(ROOT / "alembic.ini")
    config.cmd_opts = type("Options", (), {"x": [f"url=sqlite:///{file}"]})()
    return config


def say_version(url: str, version: str) -> None:
    change(url, lambda connection: connection.execute(_SAY_VERSION, {"version": version}).rowcount)


_SAY_VERSION = text("UPDATE alembic_version SET version_num = :version")
TABLES = {"consultations", "revisions", "notes", "note_categories", "rulebook_snapshots", "patients", "audit_events"}


def test_up_down_and_up_again_makes_the_same_schema(empty_url: str) -> None:
    migrate(empty_url, KEYRING)
    up = schema(empty_url)
    assert {name for row in up for name in row} >= TABLES
    migrate(empty_url, KEYRING, to="base")
    left = {name for row in schema(empty_url) for name in row}
    assert "alembic_version" in left
    assert not left & TABLES
    migrate(empty_url, KEYRING)
    assert schema(empty_url) == up
    check(empty_url)


@only_sqlite
def test_alembic_s_own_commands_go_up_and_down_too(empty_url: str, tmp_path: Path) -> None:
    migrate(empty_url, KEYRING)
    up = schema(empty_url)
    command.downgrade(alembic(tmp_path / "store.db"), "base")
    assert {row[1] for row in schema(empty_url) if row[0] == "table"} == {"alembic_version"}
    command.upgrade(alembic(tmp_path / "store.db"), "head")
    assert schema(empty_url) == up
    check(empty_url)


@only_sqlite
def test_alembic_s_own_commands_have_no_keys_and_leave_what_would_be_sealed_alone(
    empty_url: str, tmp_path: Path
) -> None:
    fill_first_version(empty_url)
    before = all_rows(empty_url)
    with pytest.raises(CommandError, match="spine-triage migrate"):
        command.upgrade(alembic(tmp_path / "store.db"), "head")
    assert all_rows(empty_url) == before


async def test_the_migrations_make_the_tables_that_the_models_describe(owned: Database) -> None:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert await owned.survey(compare) == []


async def test_migrating_a_current_database_changes_nothing_in_it(database: Database, store_urls: StoreUrls) -> None:
    before = await asyncio.to_thread(schema, store_urls.owner)
    await add(database, this := new_id())
    await asyncio.to_thread(migrate, store_urls.owner, KEYRING)
    assert await asyncio.to_thread(schema, store_urls.owner) == before
    await database.check()
    assert (await database.read(LOCAL_CLINIC, newest_revision, this)).body == judged().body


async def test_it_can_be_migrated_from_within_an_event_loop(empty_url: str) -> None:
    migrate(empty_url, KEYRING)
    database = open_database(empty_url, KEYRING)
    await database.check()
    await database.close()


async def test_an_installation_begins_with_one_clinic_and_nobody_in_it(empty_url: str) -> None:
    assert not has_patients(empty_url)
    migrate(empty_url, KEYRING)
    assert not has_patients(empty_url)
    database = open_database(empty_url, KEYRING)
    try:
        assert [each.clinic for each in await database.survey(every_clinic)] == [LOCAL_CLINIC]
    finally:
        await database.close()


async def test_whether_there_is_anything_sealed_can_be_asked(database: Database, store_urls: StoreUrls) -> None:
    assert not has_patients(store_urls.owner)
    await add(database, new_id())
    assert has_patients(store_urls.owner)


@only_postgres
async def test_a_role_that_sees_nothing_is_not_told_that_there_is_nothing(
    database: Database, store_urls: StoreUrls
) -> None:
    await add(database, new_id())
    with pytest.raises(StoreUnavailable, match="only the tables' owner can"):
        has_patients(store_urls.service)


@pytest.mark.parametrize("stored", ["1999_01_01_older", "2999_01_01_newer"], ids=["older", "newer"])
def test_a_schema_that_is_not_the_expected_one_is_refused(store_urls: StoreUrls, stored: str) -> None:
    say_version(store_urls.owner, stored)
    with pytest.raises(StoreUnavailable, match=expected_revision()):
        check(store_urls.service)


def test_an_empty_database_is_refused(empty_url: str, store_kind: str, tmp_path: Path) -> None:
    if store_kind == "sqlite":
        (tmp_path / "store.db").touch()
    with pytest.raises(StoreUnavailable, match=f"empty, not {expected_revision()}"):
        check(empty_url)


def test_asking_for_the_schema_logs_nothing(store_urls: StoreUrls, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    check(store_urls.service)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("alembic")] == []


def test_a_database_of_a_newer_version_is_left_alone(store_urls: StoreUrls) -> None:
    say_version(store_urls.owner, "2999_01_01_newer")
    before = schema(store_urls.owner)
    with pytest.raises(StoreUnavailable, match="2999_01_01_newer"):
        migrate(store_urls.owner, KEYRING)
    assert schema(store_urls.owner) == before


def test_alembic_on_its_own_asks_which_database() -> None:
    with pytest.raises(CommandError, match="-x url="):
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
