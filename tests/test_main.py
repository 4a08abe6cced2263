from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from app.cli.serving import grace_seconds
from app.errors import KeysMissing, StoreUnavailable
from app.main import create, open_rooms
from tests.stores import MASTER_KEYS


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite3'}")
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", MASTER_KEYS)


@pytest.mark.parametrize(("migrate", "status"), [("false", 503), ("true", 200)])
async def test_the_application_says_whether_its_database_is_ready(
    monkeypatch: pytest.MonkeyPatch, migrate: str, status: int
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_MIGRATE_ON_START", migrate)
    app = create()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://clinic.test") as client,
    ):
        assert (await client.get("/readyz")).status_code == status


@pytest.mark.parametrize("seconds", ["0.5", "30", "600"])
def test_a_server_that_stops_waits_longer_than_any_request_may_take(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_REQUEST_SECONDS", seconds)
    assert grace_seconds(open_rooms().serving) >= float(seconds) + 5


def test_without_master_keys_no_application_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPINE_TRIAGE_MASTER_KEYS")
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEY_FILE", str(tmp_path / "no.keys"))
    with pytest.raises(KeysMissing, match="spine-triage migrate"):
        create()
    assert list(tmp_path.iterdir()) == []


async def test_the_database_is_closed_when_the_application_shuts_down() -> None:
    rooms = open_rooms()
    rooms.migrate()
    database = rooms.open_database()
    app = rooms.build_app(rooms.load_triage(), database)
    async with app.router.lifespan_context(app):
        await database.check()
    with pytest.raises(StoreUnavailable):
        await database.check()


def test_notes_are_dated_by_the_clinic_s_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_TIMEZONE", "Pacific/Kiritimati")
    east = open_rooms().today()
    monkeypatch.setenv("SPINE_TRIAGE_TIMEZONE", "Pacific/Pago_Pago")
    west = open_rooms().today()
    # 25 hours apart, so it is never the same day in both.
    assert east > west
