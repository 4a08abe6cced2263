from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.services.examples import FIRST
from app.triage import encode
from tests.cli.conftest import Run
from tests.postgres.cluster import DatabaseUrls

SERVE = [str(Path(sys.executable).parent / "spine-triage"), "serve", "--migrate", "--port", "0"]


@pytest.fixture
def key(run: Run) -> str:
    """An API key of the local clinic."""
    assert run("migrate").exit_code == 0
    return run("keys", "create", "--name", "desk").stdout.strip()


def test_the_service_says_where_it_listens_answers_and_keeps_what_it_was_told(key: str, run: Run) -> None:
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            with httpx.Client(base_url=found[0], trust_env=False) as client:
                assert client.get("/readyz").status_code == 200
                headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
                made = client.post("/v1/consultations", content=encode(FIRST), headers=headers)
                assert made.status_code == 201
                assert "server" not in made.headers
                assert (
                    client.get(
                        "/v1/consultations", params={"patient_reference": "MRN-1042"}, headers=headers
                    ).status_code
                    == 200
                )
            process.send_signal(signal.SIGTERM)
            output, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert "MRN-1042" not in output + log
    assert key.rpartition(".")[2] not in output + log
    assert run("replay").stdout == "1 note made again; none differs.\n"


def test_ctrl_c_stops_it_cleanly_too(url: str) -> None:
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "listens on" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert "Traceback" not in log


def test_the_demo_goes_from_a_posted_consultation_to_a_settled_note(url: str, database: Path) -> None:
    demo = subprocess.run([SERVE[0], "demo"], capture_output=True, text=True, timeout=110, check=False)
    assert demo.returncode == 0, demo.stderr
    assert "emergency is not excluded" in demo.stdout
    before, _, after = demo.stdout.partition("What changed")
    assert "ASK NEXT" in before
    assert "Urgency is now settled." in after
    assert "URGENCY: routine, settled." in after
    assert demo.stderr == ""
    assert not database.exists()


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_it_does_not_start_as_somebody_whom_row_level_security_lets_pass(
    run: Run, master_keys: str, postgres: DatabaseUrls, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", getattr(postgres, role))
    for command in (["serve", "--port", "0"], ["serve", "--port", "0", "--migrate"]):
        refused = run(*command)
        assert refused.exit_code == 3
        assert "may not connect as a superuser or as the tables' owner" in refused.stderr


def test_it_serves_postgresql_as_its_own_role_while_commands_run_as_the_owner(
    run: Run, master_keys: str, postgres: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINE_TRIAGE_DATABASE_URL", postgres.service)
    monkeypatch.setenv("SPINE_TRIAGE_OWNER_DATABASE_URL", postgres.owner)
    assert run("migrate").exit_code == 0
    created = run("keys", "create", "--name", "desk")
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {created.stdout.strip()}"}
            with httpx.Client(base_url=found[0], trust_env=False, headers=headers) as client:
                assert client.post("/v1/consultations", content=encode(FIRST)).status_code == 201
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert run("replay").stdout == "1 note made again; none differs.\n"
