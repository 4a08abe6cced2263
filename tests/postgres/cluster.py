"""A PostgreSQL server of the tests' own: made in a moment, killed, restarted, and gone when the tests end."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.postgres.installation import find_installation, find_port
from tests.postgres.server import ClusterFailed, Server

SUPERUSER: Final = "postgres"
OWNER: Final = "triage_owner"
"""Owns the databases and migrates them; neither superuser nor the service."""
SERVICE: Final = "triage_service"
"""What services connect as, with the rights of the group."""
GROUP: Final = "spine_triage_service"

_STOP_SECONDS = 30.0

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "dynamic_shared_memory_type": "mmap",  # in its own folder, so that a killed server leaves nothing in /dev/shm
    "jit": "off",
    "timezone": "UTC",
}
# Nobody cuts this machine's power: what a killed server wrote, the system keeps, with fsync or without.
_HASTY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}

# Waits for the end of its input, which comes when the tests close it or die, however they die.
_UNDERTAKER = """
trap '' HUP INT TERM
cat > /dev/null
"$1/pg_ctl" stop --pgdata "$2/data" --mode immediate --timeout 5 > /dev/null 2>&1
pid=$(head -n 1 "$2/data/postmaster.pid" 2> /dev/null) && grep -qs "$2" "/proc/$pid/cmdline" && kill -KILL "$pid"
rm -rf "$2"
"""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database, as each of its roles reaches it: `postgresql://role@127.0.0.1:port/name`."""

    name: str
    owner: str
    service: str
    superuser: str


class Cluster(Server):
    """A running PostgreSQL 18 with the roles OWNER, SERVICE and GROUP; close it, or use it as a context.

    `durable` keeps what a real server does for a crash of the machine (fsync and full pages), at a real server's speed.
    `settings` are added to postgresql.conf. Whoever is root runs it as `nobody`, who has to reach `within`.
    """

    def __init__(
        self, settings: Mapping[str, str] | None = None, *, durable: bool = False, within: Path | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="spine-triage-postgres-", dir=within))
        installation = find_installation(self.folder)
        super().__init__(installation, self.folder / "data")
        self.port = find_port()
        self._numbers = count(1)
        self._undertaker = subprocess.Popen(
            ["sh", "-c", _UNDERTAKER, "undertaker", self.programs, self.folder],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
            **installation.account,
        )
        try:
            self._initialise({**_SETTINGS, **({} if durable else _HASTY), "port": str(self.port), **(settings or {})})
            self.start()
            self.execute(
                f"CREATE ROLE {GROUP} NOLOGIN; CREATE ROLE {SERVICE} LOGIN IN ROLE {GROUP}; CREATE ROLE {OWNER} LOGIN"
            )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def url(self, user: str = SUPERUSER, database: str = "postgres") -> str:
        """How `user` reaches `database`; no role has a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def make_database(self, template: str | None = None) -> DatabaseUrls:
        """A new database that belongs to OWNER: empty, or a copy of `template`, which nobody may be connected to."""
        name = f"triage_{next(self._numbers)}"
        # Copying files takes a quarter of the time of writing every page to the log as well.
        copying = f"TEMPLATE {template or 'template1'} STRATEGY FILE_COPY"
        self.execute(f"CREATE DATABASE {name} OWNER {OWNER} {copying}")
        return DatabaseUrls(name, *(self.url(role, name) for role in (OWNER, SERVICE, SUPERUSER)))

    def drop_database(self, name: str) -> None:
        """Remove a database, and cut off whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, sql: str, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Run statements, and give what they answer: a line a row, columns separated by `|`. ClusterFailed."""
        arguments = ("-XqAt", "--set", "ON_ERROR_STOP=1", "--dbname", self.url(user, database), "--command", sql)
        return self.run("psql", *arguments).strip()

    def run(self, program: str, *arguments: str | Path) -> str:
        """What one of PostgreSQL's programs (`pg_dump`, `pg_waldump`, …) wrote. ClusterFailed when it fails."""
        done = subprocess.run([self.programs / program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterFailed(f"{program} failed: {done.stderr}")
        return done.stdout

    def close(self) -> None:
        """Stop at once and remove the folder. Closing twice is harmless."""
        self.signal_all(signal.SIGCONT)
        self.end(signal.SIGQUIT)
        if self._undertaker.stdin is not None:
            self._undertaker.stdin.close()
        self._undertaker.wait(_STOP_SECONDS)

    def _initialise(self, settings: Mapping[str, str]) -> None:
        arguments = f"--username {SUPERUSER} --auth trust --encoding UTF8 --locale C --no-sync"
        done = subprocess.run(
            [self.programs / "initdb", "--pgdata", self.data, *arguments.split()],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self.account,
        )
        if done.returncode != 0:
            raise ClusterFailed(f"initdb failed: {done.stderr}")
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
