"""One PostgreSQL server over one data folder: started, stopped in order, halted, and killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from tests.postgres.installation import Installation

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class ClusterFailed(Exception):
    """The server did not start, or one of PostgreSQL's programs failed; with what it wrote last."""


class Server:
    """The server of `data`, which postgresql.conf there describes; it logs to `log`, beside. Not started yet."""

    def __init__(self, installation: Installation, data: Path) -> None:
        self.data = data
        self.log = data.parent / "server.log"
        self.programs = installation.programs
        self.account = installation.account
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers, after its recovery if it had been killed. ClusterFailed."""
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data],
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account,
            )
        deadline = monotonic() + _START_SECONDS
        while self._status() != "ready":
            if self._server.poll() is not None or monotonic() > deadline:
                self.kill()
                raise ClusterFailed(f"PostgreSQL did not start:\n{self.log.read_text()[-2_000:]}")
            sleep(0.01)  # it tells in a file, and of that nobody is told

    def stop(self) -> None:
        """Stop it in order: transactions under way are undone, clients are told."""
        self.end(signal.SIGINT)

    def restart(self) -> None:
        """Stop it in order, unless it is down already, and start it on the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """SIGKILL every process of the server; returns when all are dead."""
        if self._server is None:
            return
        # Stopped first, so that it starts no other process between the look and the blow.
        self.signal_all(signal.SIGSTOP)
        processes = self.processes()
        watched = [os.pidfd_open(pid) for pid in processes]
        for pid in processes:
            os.kill(pid, signal.SIGKILL)
        for process in watched:
            end = select.poll()
            end.register(process, select.POLLIN)
            end.poll(_STOP_SECONDS * 1_000)
            os.close(process)
        self._server.wait(_STOP_SECONDS)
        self._server = None

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server: SIGSTOP makes it hang, SIGCONT lets it go on."""
        for pid in self.processes():
            with suppress(ProcessLookupError):  # a client's process ends when it likes
                os.kill(pid, number)

    def _status(self) -> str:
        """What the running server says of itself; empty while it has not said anything."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ""
        # The file of a killed server stays until the next one overwrites it.
        mine = self._server is not None and lines[:1] == [str(self._server.pid)]
        return lines[7].strip() if mine and len(lines) > 7 else ""

    def processes(self) -> list[int]:
        """The server's process and its children, which PostgreSQL gives sessions of their own."""
        if self._server is None or self._server.poll() is not None:
            return []
        pid = self._server.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def end(self, number: signal.Signals) -> None:
        """Ask the server to end by a signal, and kill it if it does not."""
        if self._server is None:
            return
        self._server.send_signal(number)
        try:
            self._server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._server = None
