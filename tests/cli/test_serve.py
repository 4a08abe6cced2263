from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from app.services.examples import FIRST
from app.triage import encode
from tests.cli.conftest import Run

SERVE = [str(Path(sys.executable).parent / "spine-triage"), "serve", "--migrate", "--port", "0"]


def test_the_service_says_where_it_listens_answers_and_keeps_what_it_was_told(url: str, run: Run) -> None:
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            with httpx.Client(base_url=found[0], trust_env=False) as client:
                assert client.get("/readyz").status_code == 200
                headers = {"Content-Type": "application/json"}
                made = client.post("/v1/consultations", content=encode(FIRST), headers=headers)
                assert made.status_code == 201
                assert "server" not in made.headers
                assert client.get("/v1/consultations", params={"patient_reference": "MRN-1042"}).status_code == 200
            process.send_signal(signal.SIGTERM)
            output, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert "MRN-1042" not in output + log
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
