from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.store import expected_revision, known_revisions
from tests.cli.conftest import Run

OLDEST = known_revisions()[0]


@pytest.fixture(autouse=True)
def _migrated(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEY_FILE", str(tmp_path / "spine-triage.keys"))
    assert run("migrate").exit_code == 0


def schema_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return found


def test_nothing_goes_back_until_it_is_confirmed(run: Run, database: Path) -> None:
    for answer in (b"", b"n\n", b"\n"):
        asked = run("migrate", "--to", OLDEST, input=answer)
        assert asked.exit_code == 1
        assert "is lost for good" in asked.stderr
        assert schema_of(database) == expected_revision()
    confirmed = run("migrate", "--to", OLDEST, input=b"y\n")
    assert confirmed.exit_code == 0
    assert f"The database's schema is {OLDEST}." in confirmed.stdout
    assert schema_of(database) == OLDEST


def test_a_schema_that_was_left_is_served_by_nobody_until_it_is_migrated_again(run: Run, database: Path) -> None:
    assert run("migrate", "--to", OLDEST, "--yes").exit_code == 0
    refused = run("serve")
    assert refused.exit_code == 3
    assert "spine-triage migrate" in refused.stderr
    assert run("migrate").exit_code == 0
    assert schema_of(database) == expected_revision()


def test_the_newest_schema_may_be_named_and_nothing_is_asked(run: Run) -> None:
    assert run("migrate", "--to", expected_revision()).stdout.endswith("the newest.\n")


@pytest.mark.parametrize("name", ["2026_11_29", "base", "head", "-1", ""])
def test_a_schema_that_there_is_not_is_refused_with_those_that_there_are(run: Run, database: Path, name: str) -> None:
    refused = run("migrate", f"--to={name}", "--yes")
    assert refused.exit_code == 2
    assert OLDEST in refused.stderr
    assert schema_of(database) == expected_revision()
