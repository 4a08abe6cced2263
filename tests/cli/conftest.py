from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import commands
from app.main import open_rooms
from tests.cli.installation import set_only
from tests.stores import MASTER_KEYS

Run = Callable[..., Result]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where this test's database is, once something has made it."""
    return tmp_path / "store.sqlite3"


@pytest.fixture
def url(database: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of this test: its own database, and the defaults."""
    url = f"sqlite:///{database}"
    set_only(monkeypatch, DATABASE_URL=url, MASTER_KEY_FILE=str(database.with_name("master.keys")))
    return url


@pytest.fixture
def master_keys(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation that has its master keys, whatever there is of a database."""
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", MASTER_KEYS)
    return MASTER_KEYS


@pytest.fixture
def run(url: str) -> Run:
    """Run one command line as `main` would: `run("triage", "-", input=b"...")`."""

    def run_one(*arguments: str, input: bytes | None = None) -> Result:  # noqa: A002 - the name that CliRunner has
        return CliRunner().invoke(commands, arguments, input=input, obj=open_rooms, catch_exceptions=False)

    return run_one
