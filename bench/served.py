"""Servers in processes of their own, on free ports of this machine, for as long as they are measured."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from bench.client import Address
from tests.postgres.cluster import DatabaseUrls

PROJECT = Path(__file__).resolve().parents[1]

_PREFIX = "SPINE_TRIAGE_"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_ADDRESS = re.compile(r"http://([0-9.]+):([0-9]+)")


@dataclass(frozen=True, slots=True)
class Served:
    """Services that are running, and the credentials that all of them know."""

    addresses: tuple[Address, ...]
    authorization: str


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is thrown away, on the checkout's disk: memory would make `synchronous=FULL` free."""
    with TemporaryDirectory(prefix=".bench-", dir=PROJECT) as folder:
        yield Path(folder)


@contextmanager
def service(folder: Path, urls: DatabaseUrls | None = None, processes: int = 1) -> Iterator[Served]:
    """The real service as `make serve` runs it, with all its safeties on and a rate that nobody reaches.

    On a SQLite file in `folder`, or on PostgreSQL; there, perhaps as several processes.
    """
    environment = {
        "SPINE_TRIAGE_DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}" if urls is None else urls.service,
        "SPINE_TRIAGE_MASTER_KEY_FILE": str(folder / "service.keys"),
        "SPINE_TRIAGE_LOG_LEVEL": "warning",
        "SPINE_TRIAGE_RATE_PER_MINUTE": str(10**9),
    }
    if urls is not None:
        environment["SPINE_TRIAGE_OWNER_DATABASE_URL"] = urls.owner
    _run(["-m", "app.main", "migrate"], environment)
    key = _run(["-m", "app.main", "keys", "create", "--name", "bench"], environment)
    with _several(processes, environment) as addresses:
        yield Served(addresses, f"Bearer {key}")


@contextmanager
def floor(kind: str, file: Path) -> Iterator[Address]:
    """A floor (see `bench.floors`) under the service's own server settings."""
    with _server(["-m", "bench.floors", kind, str(file)], {}) as address:
        yield address


@contextmanager
def _several(processes: int, environment: Mapping[str, str]) -> Iterator[tuple[Address, ...]]:
    with _server(["-m", "app.main", "serve", "--host", "127.0.0.1", "--port", "0"], environment) as first:
        if processes == 1:
            yield (first,)
            return
        with _several(processes - 1, environment) as others:
            yield (first, *others)


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a command printed. CalledProcessError when it failed."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=_clean(environment),
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return done.stdout.strip()


@contextmanager
def _server(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Address]:
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, *arguments], cwd=PROJECT, env=_clean(environment), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _first_line(process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_PREFIX)}
    return {**kept, **environment}


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
