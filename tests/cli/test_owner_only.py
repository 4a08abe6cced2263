"""Operators' commands are for the tables' owner; as the service's role they would see nothing, and say so."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.postgres.cluster import DatabaseUrls


@pytest.mark.parametrize(
    "command",
    [
        "replay",
        "keys list",
        "keys create --name desk",
        "clinics list",
        "clinics open north",
        "audit verify",
        "retention",
    ],
)
def test_a_command_without_the_owner_s_url_says_which_setting_is_missing(
    run: Run, master_keys: str, postgres: DatabaseUrls, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", postgres.service)
    monkeypatch.setenv("SPINE_TRIAGE_RETENTION_DAYS", "10")
    refused = run(*command.split())
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "SPINE_TRIAGE_OWNER_DATABASE_URL" in refused.stderr
