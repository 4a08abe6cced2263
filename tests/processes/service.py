"""The real service as a process of its own, to be killed, halted, stopped and started again on the same port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Final, Self

import httpx

from tests.postgres.installation import find_port

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 40.0

_PROGRAM = ("-m", "app.main")


class ServiceFailed(Exception):
    """The service did not start or did not stop; with what it wrote last."""


class RunningService:
    """One process of `spine-triage serve` on 127.0.0.1, started by `start` or as a context.

    Args:
        folder: where the process works and writes `service-PORT.log`, all that it says on both its outputs.
        settings: the variables SPINE_TRIAGE_*, without the prefix: `{"DATABASE_URL": …}`. No others reach it.
        program: arguments of Python that run the command line, for one that is wired differently.
        variables: further environment variables.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        program: Sequence[str] = _PROGRAM,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.port = find_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"service-{self.port}.log"
        self._program = [sys.executable, *program]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPINE_TRIAGE_")}
        self._environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            **{f"SPINE_TRIAGE_{name}": value for name, value in settings.items()},
            **(variables or {}),
        }
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Of the process that runs. ServiceFailed when there is none."""
        if self._process is None:
            raise ServiceFailed("the service is not running")
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it was started and has not ended, by itself or otherwise."""
        return self._process is not None and self._process.poll() is None

    def start(self, ready: str = "/readyz") -> None:
        """Start it and wait until GET `ready` answers 200: `/healthz` for one whose database is away. ServiceFailed."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._program, "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_for(ready)

    def wait_for(self, ready: str = "/readyz") -> None:
        """Wait until GET `ready` answers 200. ServiceFailed when it does not, or ends; then it is killed."""
        deadline = monotonic() + START_SECONDS
        with httpx.Client(base_url=self.address, trust_env=False, timeout=START_SECONDS) as client:
            while not _answers(client, ready):
                if not self.is_running() or monotonic() > deadline:
                    self.kill()
                    raise ServiceFailed(f"the service is not ready:\n{self.said()[-2_000:]}")
                sleep(0.02)  # a port that opens tells nobody

    def stop(self) -> int:
        """SIGTERM; the exit code. ServiceFailed when it goes on."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ServiceFailed(f"the service did not stop:\n{self.said()[-2_000:]}") from None
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL; returns when it is dead. Harmless for one that is."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
            self._process = None

    def restart(self, ready: str = "/readyz") -> None:
        """Kill it, unless it is dead already, and start it on the same port."""
        self.kill()
        self.start(ready)

    def halt(self) -> None:
        """SIGSTOP: it holds what it holds and answers nobody, until `go_on`."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def run(self, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run one command (`migrate`, `replay`, …) with the service's settings; whether it failed is for the caller."""
        return subprocess.run(
            [*self._program, *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def said(self) -> str:
        """All that it wrote so far, of every start."""
        return self.log.read_text() if self.log.exists() else ""


def _answers(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
