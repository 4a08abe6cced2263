"""A service of one's own for a while: a real process with its database in a folder that is thrown away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from time import monotonic, sleep

import httpx

START_SECONDS = 60.0
STOP_SECONDS = 30.0

_PROJECT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"http://[^\s,]+")


class ServiceFailed(Exception):
    """The service did not start, did not answer as it should, or did not stop cleanly."""


@contextmanager
def own_service() -> Iterator[str]:
    """Start a migrated service on a free port of this machine; gives its address and stops it afterwards.

    ServiceFailed when it does not become ready in time or does not end with exit code 0.
    """
    with TemporaryDirectory(prefix="spine-triage-") as folder:
        process = _start(Path(folder))
        try:
            yield _wait_until_ready(process)
        finally:
            code = _stop(process)
        if code != 0:
            raise ServiceFailed(f"the service ended with exit code {code}")


def _start(folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "SPINE_TRIAGE_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "SPINE_TRIAGE_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "app.main", "serve", "--migrate", "--host", "127.0.0.1", "--port", "0"]
    # From the project's folder, so that `app` is this one and no other.
    return subprocess.Popen(command, cwd=_PROJECT, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command


def _wait_until_ready(process: subprocess.Popen[str]) -> str:
    """The address that the service prints once it listens, when /readyz agrees."""
    deadline = monotonic() + START_SECONDS
    too_slow = Timer(START_SECONDS, process.kill)  # ends the wait for its first line
    too_slow.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        too_slow.cancel()
    found = _ADDRESS.search(line)
    if found is None:
        raise ServiceFailed("the service did not start")
    with httpx.Client(base_url=found[0], trust_env=False) as client:
        while monotonic() < deadline:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return found[0]
            sleep(0.05)
    raise ServiceFailed("the service did not become ready")


def _stop(process: subprocess.Popen[str]) -> int:
    process.terminate()
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode
