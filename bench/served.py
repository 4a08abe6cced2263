"""Servers in processes of their own, on free ports of this machine, for as long as they are measured."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from bench.client import Address

PROJECT = Path(__file__).resolve().parents[1]

_PREFIX = "SPINE_TRIAGE_"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_ADDRESS = re.compile(r"http://([0-9.]+):([0-9]+)")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is thrown away, on the checkout's disk: memory would make `synchronous=FULL` free."""
    with TemporaryDirectory(prefix=".bench-", dir=PROJECT) as folder:
        yield Path(folder)


@contextmanager
def service(folder: Path) -> Iterator[Address]:
    """The real service as `make serve` runs it, with a migrated database in `folder`."""
    environment = {
        "SPINE_TRIAGE_DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}",
        "SPINE_TRIAGE_LOG_LEVEL": "warning",
    }
    arguments = ["-m", "app.main", "serve", "--migrate", "--host", "127.0.0.1", "--port", "0"]
    with _server(arguments, environment) as address:
        yield address


@contextmanager
def floor(kind: str, file: Path) -> Iterator[Address]:
    """A floor (see `bench.floors`) under the service's own server settings."""
    with _server(["-m", "bench.floors", kind, str(file)], {}) as address:
        yield address


@contextmanager
def _server(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Address]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_PREFIX)}
    command = [sys.executable, *arguments]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=PROJECT, env={**kept, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _first_line(process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _first_line(process: subprocess.Popen[str]) -> Address:
    """The address that a server prints once it listens. AssertionError when it does not."""
    too_slow = Timer(_START_SECONDS, process.kill)
    too_slow.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        too_slow.cancel()
    found = _ADDRESS.search(line)
    assert found, "a server did not start"
    return Address(found[1], int(found[2]))
