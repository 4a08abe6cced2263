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


def test_without_variables_nothing_is_open_kept_or_told_that_somebody_would_have_to_choose() -> None:
    settings = read_settings()

    assert (settings.owner_database_url, settings.master_keys, settings.oidc_issuer) == (None, None, None)
    assert (settings.trusted_proxies, settings.cors_origins) == ((), ())
    assert settings.keep_notes_after_erasure is False
    assert (settings.retention_days, settings.otlp_endpoint) == (None, None)
    assert settings.rate_per_minute > 0


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
        "OWNER_DATABASE_URL": "postgresql://owner@db/clinic",
        "MASTER_KEYS": "k1:x",
        "MASTER_KEY_FILE": str(tmp_path / "clinic.keys"),
        "TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.7",
        "BODY_SECONDS": "1.5",
        "REQUEST_SECONDS": "2.5",
        "CONCURRENT_REQUESTS": "7",
        "RATE_PER_MINUTE": "0",
        "FAILURES_PER_MINUTE": "9",
        "OIDC_ISSUER": "https://login.clinic.example",
        "OIDC_AUDIENCE": "triage",
        "OIDC_CLINIC_CLAIM": "tenant",
        "OIDC_SCOPE_CLAIM": "roles",
        "CORS_ORIGINS": "https://desk.clinic.example,https://intake.clinic.example",
        "STRICT_TRANSPORT_SECONDS": "31536000",
        "KEEP_NOTES_AFTER_ERASURE": "true",
        "RETENTION_DAYS": "3650",
        "RECEIPT_HOURS": "24",
        "AUDIT_SEAL_SECONDS": "0",
        "OTLP_ENDPOINT": "http://collector:4318",
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
    assert settings.owner_database_url == chosen["OWNER_DATABASE_URL"]
    assert settings.master_keys is not None
    assert settings.master_keys.get_secret_value() == chosen["MASTER_KEYS"]
    assert settings.master_key_file == tmp_path / "clinic.keys"
    assert settings.trusted_proxies == ("10.0.0.0/8", "192.168.1.7")
    assert (settings.body_seconds, settings.request_seconds, settings.concurrent_requests) == (1.5, 2.5, 7)
    assert (settings.rate_per_minute, settings.failures_per_minute) == (0, 9)
    assert (settings.oidc_issuer, settings.oidc_audience) == (chosen["OIDC_ISSUER"], "triage")
    assert (settings.oidc_clinic_claim, settings.oidc_scope_claim) == ("tenant", "roles")
    assert settings.cors_origins == ("https://desk.clinic.example", "https://intake.clinic.example")
    assert settings.strict_transport_seconds == 31_536_000
    assert (settings.keep_notes_after_erasure, settings.retention_days, settings.receipt_hours) == (True, 3650, 24)
    assert settings.audit_seal_seconds == 0
    assert settings.otlp_endpoint == chosen["OTLP_ENDPOINT"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("RULEBOOK", "/nowhere/at/all"),
        ("PORT", "65536"),
        ("RETENTION_DAYS", "36501"),
        ("RECEIPT_HOURS", "8761"),
        ("PORT", "tcp://10.0.0.1:8000"),
        ("BODY_LIMIT_BYTES", "0"),
        ("MIGRATE_ON_START", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("TIMEZONE", "Europe/Atlantis"),
        ("OWNER_DATABASE_URL", ""),
        ("BODY_SECONDS", "0"),
        ("CONCURRENT_REQUESTS", "0"),
        ("RATE_PER_MINUTE", "-1"),
        ("FAILURES_PER_MINUTE", "0"),
        ("OIDC_AUDIENCE", ""),
        ("RETENTION_DAYS", "0"),
        ("RECEIPT_HOURS", "0"),
        ("AUDIT_SEAL_SECONDS", "-1"),
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


def test_no_password_and_no_master_key_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", "postgresql://triage:swordfish@db/triage")
    monkeypatch.setenv("SPINE_TRIAGE_OWNER_DATABASE_URL", "postgresql://owner:swordfish@db/triage")
    monkeypatch.setenv("SPINE_TRIAGE_MASTER_KEYS", "k1:swordfish")

    assert "swordfish" not in repr(read_settings())
    assert "swordfish" not in str(read_settings())
