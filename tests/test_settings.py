from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import InputError
from app.settings import PREFIX, Settings, read_settings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_without_variables_only_this_machine_is_served_and_nothing_is_migrated() -> None:
    settings = read_settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.migrate_on_start is False
    assert settings.database_url == "sqlite:///spine-triage.sqlite3"
    assert settings.body_limit_bytes == 1_048_576
    assert settings.timezone.key == "UTC"


def test_each_setting_is_read_from_the_variable_of_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/clinic.sqlite3",
        "RULEBOOK": str(tmp_path),
        "HOST": "0.0.0.0",  # noqa: S104 - a value that is read, not an address that is listened on
        "PORT": "0",
        "BODY_LIMIT_BYTES": "2048",
        "MIGRATE_ON_START": "true",
        "LOG_LEVEL": "WARNING",
        "TIMEZONE": "Europe/Vienna",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(PREFIX + name, value)

    settings = read_settings()

    assert set(chosen) == {name.upper() for name in Settings.model_fields}
    assert settings.database_url == chosen["DATABASE_URL"]
    assert settings.rulebook == tmp_path
    assert settings.host == chosen["HOST"]
    assert (settings.port, settings.body_limit_bytes) == (0, 2048)
    assert settings.migrate_on_start is True
    assert settings.log_level == "warning"
    assert settings.timezone.key == "Europe/Vienna"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("RULEBOOK", "/nowhere/at/all"),
        ("PORT", "65536"),
        ("PORT", "tcp://10.0.0.1:8000"),
        ("BODY_LIMIT_BYTES", "0"),
        ("MIGRATE_ON_START", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("TIMEZONE", "Europe/Atlantis"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)

    with pytest.raises(InputError, match=f"^{PREFIX}{name}: "):
        read_settings()


def test_a_misspelt_variable_is_refused_with_the_name_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABSE_URL", "sqlite:///clinic.sqlite3")

    with pytest.raises(InputError, match=r"SPINE_TRIAGE_DATABSE_URL.*did you mean SPINE_TRIAGE_DATABASE_URL\?"):
        read_settings()


def test_all_faults_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_PORT", "many")
    monkeypatch.setenv("SPINE_TRIAGE_LOG_LEVEL", "loud")
    monkeypatch.setenv("SPINE_TRIAGE_COLOUR", "blue")

    with pytest.raises(InputError) as refusal:
        read_settings()

    lines = str(refusal.value).splitlines()
    assert sorted(line.split(":")[0] for line in lines) == [
        "SPINE_TRIAGE_COLOUR",
        "SPINE_TRIAGE_LOG_LEVEL",
        "SPINE_TRIAGE_PORT",
    ]


def test_a_password_in_the_database_address_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", "postgresql://triage:swordfish@db/triage")

    assert "swordfish" not in repr(read_settings())
