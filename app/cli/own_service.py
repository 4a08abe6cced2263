"""A service of one's own for a while: a real process with its database in a folder that is thrown away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class OwnService:
    """Where it listens, and a key to call it with."""

    address: str
    key: str


@contextmanager
def own_service() -> Iterator[OwnService]:
    """Start a migrated service on a free port of this machine; stops it afterwards.

    ServiceFailed when it does not become ready in time or does not end with exit code 0.
    """
    with TemporaryDirectory(prefix="spine-triage-") as folder:
        environment = _settings(Path(folder))
        _run(environment, "migrate")
        key = _run(environment, "keys", "create", "--name", "demo")
        process = _start(environment)
        try:
            yield OwnService(_wait_until_ready(process), key)
        finally:
            code = _stop(process)
        if code != 0:
            raise ServiceFailed(f"the service ended with exit code {code}")


def _settings(folder: Path) -> dict[str, str]:
    """The environment of this process, with a database and a master key that are thrown away."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("SPINE_TRIAGE_")}
    return kept | {
        "SPINE_TRIAGE_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "SPINE_TRIAGE_MASTER_KEY_FILE": str(folder / "demo.keys"),
        "SPINE_TRIAGE_LOG_LEVEL": "warning",
    }


def _run(environment: Mapping[str, str], *arguments: str) -> str:
    """What a command of our own printed. ServiceFailed when it did not end well."""
    command = [sys.executable, "-m", "app.main", *arguments]
    done = subprocess.run(command, cwd=_PROJECT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise ServiceFailed(f"{' '.join(arguments)} ended with exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def _start(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app.main", "serve", "--host", "127.0.0.1", "--port", "0"]
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
