"""`spine-triage migrate` makes the file of master keys once, for a database that holds nothing yet."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.store import migrate, open_database, read_keyring
from tests.cli.conftest import Run
from tests.cli.installation import set_only
from tests.postgres.cluster import DatabaseUrls
from tests.store.first_version import all_rows, fill_first_version
from tests.store.samples import add, keep_rulebook, new_id
from tests.stores import KEYRING, MASTER_KEYS, only_sqlite


@pytest.fixture
def key_file(tmp_path: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the keys of an installation on an empty database, of either kind, will be."""
    set_only(monkeypatch, DATABASE_URL=empty_url, MASTER_KEY_FILE=str(tmp_path / "master.keys"))
    return tmp_path / "master.keys"


@pytest.fixture
def url(key_file: Path, empty_url: str) -> str:
    """The settings of `key_file`, for `run`."""
    return empty_url


def fill(url: str) -> None:
    async def store() -> None:
        database = open_database(url, KEYRING)
        await keep_rulebook(database, "local")
        await add(database, new_id())
        await database.close()

    migrate(url, KEYRING)
    asyncio.run(store())


def test_it_is_made_once_for_its_owner_alone_and_said_so(run: Run, key_file: Path) -> None:
    first = run("migrate")
    assert first.exit_code == 0
    assert "Keep a copy apart from the database" in first.stderr
    assert key_file.stat().st_mode & 0o777 == 0o600
    made = key_file.read_text()
    (key,) = read_keyring(made).keys
    again = run("migrate")
    assert (again.exit_code, again.stderr, again.stdout) == (0, "", first.stdout)
    assert key_file.read_text() == made
    secret = made.rstrip().rpartition(":")[2]
    assert key.key_id
    assert secret not in first.output + again.output


def test_a_database_that_holds_something_gets_no_other_key(run: Run, key_file: Path, empty_url: str) -> None:
    fill(empty_url)
    before = all_rows(empty_url)
    refused = run("migrate")
    assert refused.exit_code == 2
    assert f"its master keys are not in {key_file}: bring back that file" in refused.stderr
    assert not key_file.exists()
    assert all_rows(empty_url) == before


@only_sqlite  # of what `key_file` asks for; the database is the one below
def test_no_key_is_made_by_a_role_that_cannot_see_what_there_is(
    run: Run, key_file: Path, postgres: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(postgres.owner)
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", postgres.service)
    refused = run("migrate")
    assert refused.exit_code == 3
    assert "only the tables' owner" in refused.stderr
    assert not key_file.exists()


def test_a_database_of_the_first_version_is_sealed_with_a_new_key(run: Run, key_file: Path, empty_url: str) -> None:
    fill_first_version(empty_url)
    assert run("migrate").exit_code == 0
    assert len(read_keyring(key_file.read_text()).keys) == 1
    assert "SECRET" not in repr(all_rows(empty_url))


def test_keys_in_the_environment_need_no_file(run: Run, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", MASTER_KEYS)
    migrated = run("migrate")
    assert (migrated.exit_code, migrated.stderr) == (0, "")
    assert not key_file.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"# only a remark\n", b"k1:SECRET\n", b"SECRET", b"\xff\xfe", f"{MASTER_KEYS}\n{MASTER_KEYS}".encode()],
    ids=["empty", "no key", "short key", "no id", "no text", "the same id twice"],
)
def test_a_file_that_holds_no_keys_is_refused_left_alone_and_not_repeated(
    run: Run, key_file: Path, content: bytes
) -> None:
    key_file.write_bytes(content)
    for command in (["migrate"], ["keys", "list"], ["serve", "--port", "0"]):
        refused = run(*command)
        assert refused.exit_code == 2
        assert "key" in refused.stderr
        assert "SECRET" not in refused.output
        assert MASTER_KEYS.rpartition(":")[2] not in refused.output
    assert key_file.read_bytes() == content


def test_a_file_that_cannot_be_made_is_refused_before_anything_is_migrated(
    run: Run, key_file: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEY_FILE", str(key_file / "no" / "such" / "folder"))
    refused = run("migrate")
    assert refused.exit_code == 2
    assert "no master key could be made" in refused.stderr
    if not empty_url.startswith("sqlite"):
        assert all_rows(empty_url) == {}


def test_without_keys_every_other_command_says_what_to_do(run: Run, key_file: Path) -> None:
    for command in (["serve", "--port", "0"], ["replay"], ["keys", "list"], ["clinics", "list"]):
        refused = run(*command)
        assert refused.exit_code == 2
        assert "`spine-triage migrate` makes it" in refused.stderr
    assert not key_file.exists()
