"""A database that cannot be had is said to be unavailable, and is not made by looking for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from app.errors import StoreUnavailable
from app.store import has_patients, migrate, open_database
from tests.postgres.cluster import SERVICE, Cluster
from tests.store.checking import check
from tests.store.samples import add, new_id
from tests.stores import KEYRING, StoreUrls, only_postgres


@pytest.mark.parametrize("name", ["store.db", "a%20b?#.db", "no/such/folder/store.db"])
def test_a_database_that_is_not_there_is_not_made_by_looking_at_it(tmp_path: Path, name: str) -> None:
    url = URL.create("sqlite", database=str(tmp_path / name)).render_as_string()
    with pytest.raises(StoreUnavailable, match="spine-triage migrate"):
        check(url)
    assert not has_patients(url)

    async def write() -> None:
        database = open_database(url, KEYRING)
        try:
            await add(database, new_id())
        finally:
            await database.close()

    with pytest.raises(StoreUnavailable):
        asyncio.run(write())
    assert list(tmp_path.iterdir()) == []


@only_postgres
@pytest.mark.parametrize("wrong", ["no_such_database", "no_such_role", "nobody_listens"])
def test_a_server_that_does_not_let_it_in_is_unavailable(store_urls: StoreUrls, wrong: str) -> None:
    there = URL.create("postgresql", "nobody", host="127.0.0.1", port=1, database="none")
    urls = {
        "no_such_database": store_urls.service.rpartition("/")[0] + "/none",
        "no_such_role": store_urls.service.replace(SERVICE, "no_such_role"),
        "nobody_listens": there.render_as_string(),
    }
    for attempt in (check, has_patients, lambda url: migrate(url, KEYRING)):
        with pytest.raises(StoreUnavailable):
            attempt(urls[wrong])


def test_a_role_that_may_not_change_the_schema_is_told_who_may(cluster: Cluster) -> None:
    urls = cluster.make_database()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="the tables' owner"):
            migrate(urls.service, KEYRING)
    migrate(urls.owner, KEYRING)
    migrate(urls.service, KEYRING)
    with pytest.raises(StoreUnavailable, match="the tables' owner"):
        migrate(urls.service, KEYRING, to="base")
    check(urls.service)
    cluster.drop_database(urls.name)


def test_migrating_into_a_folder_that_is_not_there_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in (f"sqlite:///{tmp_path}/no/such/store.db", "sqlite:///no/such/store.db"):
        with pytest.raises(StoreUnavailable, match=f"{tmp_path}/no/such"):
            migrate(url, KEYRING)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_opened_or_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear colleague, " * 100)
    for file in ("no/such/folder/store.db", "letter.db"):
        url = f"sqlite:///{tmp_path / file}"
        for attempt in (check, lambda url: migrate(url, KEYRING)):
            with pytest.raises(StoreUnavailable):
                attempt(url)
